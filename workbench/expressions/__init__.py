"""Expressions of a mapping: SQL scalar expressions of DuckDB over the columns of one record.

`check.read_expression` checks one (only columns, literals, operators and the functions of
`functions.FUNCTIONS`) and answers it with the columns it reads; `render.render` answers the SQL that DuckDB
runs, with the columns as the caller has them and the package's own functions written out;
`types.result_type` tells the type of its value; `guide.guide` is the documentation of all of it, made from
the same data.

Nothing is imported here: sqlglot takes a moment to load, and what most mappings need, `texts`, does without.
"""
