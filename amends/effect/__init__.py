"""
Did it work? What an act of ours did to what people say: an interrupted time series.

    record = heard(tx, incident, act, label, now)      # hours before and after, read at one moment
    effect = judge(record)                              # a frozen value, pure
"""
