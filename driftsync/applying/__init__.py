"""This package carries a plan out on one member, or takes it back: the only room that changes anything there.

`carrying_out` begins, resumes and takes back a run on its `ground`; `working` takes one step, `going_on` and `going_back` all of
them, and prove them; `surveying` looks once at what is in no step, `guarding` again before each write; `writing` makes the calls
of an action as its kind declares, `secrets_of` what is carried in memory, `traces` what a run leaves on the member beside them.
`holding` asks who would lose what is deleted, `journal` keeps on disk how far each step has come, `settling` says after a crash what a step became, `undoing` turns an
action round. `permitted` lets through only the calls that writing needs; reading keeps its own list.
"""
