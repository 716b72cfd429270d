"""Reading the registers (台账) that stations really keep, and judging what one file says.

Everything here is pure: no database, no clock.  :func:`read_register` turns a file into rows,
:func:`read_members` turns a list of members into people, and :class:`Judge` finds the services,
the repetitions and the overlaps once people are resolved.
"""

