"""CAT 065, SDPS Service Status Reports, edition 1.6 (2023-03-21).

The state of a system that makes tracks.
Source: EUROCONTROL-SPEC-0149. ``TABLE`` is the bit table: the n-th entry is field reference number
n of the user application profile, in the notation of :mod:`steppewatch.wire.asterix.table`.
"""

from steppewatch.wire.asterix.table import category

TABLE = """\
010 "Data Source Identifier" (SAC:8 SIC:8)
000 "Message Type" :8
015 "Service Identification" :8
030 "Time of Message" :24:u*1/2^7[s]
020 "Batch Number" :8:u
040 "SDPS Configuration and Status" (NOGO:2 OVL:1 TSV:1 PSS:2 STTN:1 -:1)
050 "Service Status Report" :8
-
-
-
-
-
RE "Reserved Expansion Field" len
SP "Special Purpose Field" len
"""

CAT065 = category(65, "1.6", TABLE)
