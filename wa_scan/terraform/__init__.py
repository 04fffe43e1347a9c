"""Terraform configurations.

Takes the files of a root module (and of the local modules that it calls); gives an
`EvaluatedUnit`: every resource instance with its values and where each was written.

`syntax` is the tree, `parse` and `json_syntax` make it, `types` and `values` are Terraform's own
type system (private to this package), `expressions` and `functions` evaluate, `modules` and
`instances` expand, `export` hands the result on in the terms of `wa_scan.values`.
"""
