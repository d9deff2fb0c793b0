"""CAT 010, Monosensor Surface Movement Data, edition 1.1 (2007-03-01).

Plots of airport surface radars, and places found by multilateration.
I010/202 and 210 count in quarters, as the specification's ranges (±8192 m/s, ±31 m/s²) and real
recordings say; the machine-readable definitions have sixteenths.
Source: EUROCONTROL-SPEC-0149. ``TABLE`` is the bit table: the n-th entry is field reference number
n of the user application profile, in the notation of :mod:`steppewatch.wire.asterix.table`.
"""

from steppewatch.wire.asterix.table import category

TABLE = """\
010 "Data Source Identifier" (SAC:8 SIC:8)
000 "Message Type" :8
020 "Target Report Descriptor" fx(TYP:3 DCR:1 CHN:1 GBS:1 CRT:1 | SIM:1 TST:1 RAB:1 LOP:2 TOT:2
    | SPI:1 -:6 |)
140 "Time of Day" :24:u*1/2^7[s]
041 "Position in WGS-84 Co-ordinates" (LAT:32:i*180/2^31[°] LON:32:i*180/2^31[°])
040 "Measured Position in Polar Co-ordinates" (RHO:16:u*1[m] TH:16:u*360/2^16[°])
042 "Position in Cartesian Co-ordinates" (X:16:i*1[m] Y:16:i*1[m])
200 "Calculated Track Velocity in Polar Co-ordinates" (GSP:16:u*1/2^14[NM/s]
    TRA:16:u*360/2^16[°])
202 "Calculated Track Velocity in Cartesian Co-ordinates" (VX:16:i*1/2^2[m/s]
    VY:16:i*1/2^2[m/s])
161 "Track Number" (-:4 TRK:12)
170 "Track Status" fx(CNF:1 TRE:1 CST:2 MAH:1 TCC:1 STH:1 | TOM:2 DOU:3 MRS:2 | GHO:1 -:6 |)
060 "Mode-3/A Code in Octal Representation" (V:1 G:1 L:1 -:1 MODE3A:12:oct)
220 "Target Address" :24:hex
245 "Target Identification" (STI:2 -:6 CHR:48:icao)
250 "Mode S MB Data" rep((MBDATA:56:hex BDS1:4 BDS2:4))
300 "Vehicle Fleet Identification" :8
090 "Flight Level in Binary Representation" (V:1 G:1 FL:14:i*1/2^2[FL])
091 "Measured Height" :16:i*25/2^2[ft]
270 "Target Size and Orientation" fx(LENGTH:7:u*1[m] | ORIENTATION:7:u*360/2^7[°] |
    WIDTH:7:u*1[m] |)
550 "System Status" (NOGO:2 OVL:1 TSV:1 DIV:1 TTF:1 -:2)
310 "Pre-programmed Message" (TRB:1 MSG:7)
500 "Standard Deviation of Position" (DEVX:8:u*1/2^2[m] DEVY:8:u*1/2^2[m] COVXY:16:i*1/2^2[m])
280 "Presence" rep((DRHO:8:i*1[m] DTHETA:8:i*3/20[°]))
131 "Amplitude of Primary Plot" :8
210 "Calculated Acceleration" (AX:8:i*1/2^2[m/s²] AY:8:i*1/2^2[m/s²])
-
SP "Special Purpose Field" len
RE "Reserved Expansion Field" len
"""

CAT010 = category(10, "1.1", TABLE)
