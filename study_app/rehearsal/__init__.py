"""A study rehearsed in memory: simulated people, the planned analyses, many times over.

`design` makes the study of other sizes and effects, `people` fills it with answers, `outcome` runs
what the study planned, `cells` does so many times in parallel, and `truth` knows what was planted.
Nothing here needs a database or pictures.
"""
