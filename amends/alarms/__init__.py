"""
Alarms: when voices with a label rise beyond what is usual, and when we go blind while it matters.

    baseline = fit(history)                             # what is usual, by hour of the week
    level = threshold(baseline, rise, per_month)        # so that false alarms are as rare as stated
    events = follow(chart, minutes, ...)                # pure: what began, rose, ended

`live` does that after each round, `replay` for our own past.
"""
