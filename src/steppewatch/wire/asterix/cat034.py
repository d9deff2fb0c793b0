"""CAT 034, Transmission of Monoradar Service Messages, edition 1.29 (2021-03-15).

North marks, sector crossings and the state of a radar station.
Source: EUROCONTROL-SPEC-0149. ``TABLE`` is the bit table: the n-th entry is field reference number
n of the user application profile, in the notation of :mod:`steppewatch.wire.asterix.table`.
"""

from steppewatch.wire.asterix.table import category

TABLE = """\
010 "Data Source Identifier" (SAC:8 SIC:8)
000 "Message Type" :8
030 "Time of Day" :24:u*1/2^7[s]
020 "Sector Number" :8:u*360/2^8[°]
041 "Antenna Rotation Speed" :16:u*1/2^7[s]
050 "System Configuration and Status" sub(COM(NOGO:1 RDPC:1 RDPR:1 OVLRDP:1 OVLXMT:1 MSC:1 TSV:1
    -:1) - - PSR(ANT:1 CHAB:2 OVL:1 MSC:1 -:3) SSR(ANT:1 CHAB:2 OVL:1 MSC:1 -:3) MDS(ANT:1
    CHAB:2 OVLSUR:1 MSC:1 SCF:1 DLF:1 OVLSCF:1 OVLDLF:1 -:7))
060 "System Processing Mode" sub(COM(-:1 REDRDP:3 REDXMT:3 -:1) - - PSR(POL:1 REDRAD:3 STC:2
    -:2) SSR(REDRAD:3 -:5) MDS(REDRAD:3 CLU:1 -:4))
070 "Message Count Values" rep((TYP:5 COUNT:11:u))
100 "Generic Polar Window" (RHOST:16:u*1/2^8[NM] RHOEND:16:u*1/2^8[NM] THETAST:16:u*360/2^16[°]
    THETAEND:16:u*360/2^16[°])
110 "Data Filter" :8
120 "3D-Position Of Data Source" (HGT:16:i*1[m] LAT:24:i*180/2^23[°] LON:24:i*180/2^23[°])
090 "Collimation Error" (RNG:8:i*1/2^7[NM] AZM:8:i*360/2^14[°])
RE "Reserved Expansion Field" len
SP "Special Purpose Field" len
"""

CAT034 = category(34, "1.29", TABLE)
