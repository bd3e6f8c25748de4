"""This package carries a plan out on one member, or takes it back: the only room that changes anything there.

`carrying_out` begins, resumes and takes back a run on its `ground`; `working` takes one step, `going_on` and `going_back` all of
them, and prove them; `guarding` looks again before each write, `writing` makes calls of
an action as its kind declares, `secrets_of` what is carried in memory.
`journal` keeps on disk how far each step has come, `settling` says after a crash what a step became, `undoing` turns an
action round. `permitted` lets through only the calls that writing needs; reading keeps its own list.
"""
