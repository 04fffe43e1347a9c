"""AWS SAM: the transform `AWS::Serverless-2016-10-31`.

Takes the decoded template; gives the decoded template that the transform makes of it, in which every
node still stands where its author wrote what it came from. Start at `translate.py`.

`expansion.py` runs the loops that come before the transform, `written.py` makes data that keeps its
places, `preparation.py` fits it to what the translator accepts, `translator.py` runs the translator,
`sources.py` says which part of which resource something was made from, and `placement.py` makes nodes of
the translator's data.
"""
