"""
What people say against what was said in public: contradictions they were told, and what fails for them.

    known = vocabulary()                                # words, from a file
    told(text, known), fails(text, known)               # pure: what one text says
    contradictions(tx, incident, known, now)            # of an incident, in voices, against acts and campaigns
    symptoms(tx, incident, known, now)                  # of an incident, against what the status page says
"""
