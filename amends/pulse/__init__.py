"""The pulse of an incident: its numbers just now, what rises in it, and the sentence a liaison would say."""
