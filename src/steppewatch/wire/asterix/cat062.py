"""CAT 062, SDPS Track Messages, edition 1.21 (2025-06-05).

System tracks; Reserved Expansion Field edition 1.3 (2023-02-13).
Source: EUROCONTROL-SPEC-0149. ``TABLE`` is the bit table: the n-th entry is field reference number
n of the user application profile, in the notation of :mod:`steppewatch.wire.asterix.table`.
"""

from steppewatch.wire.asterix.table import category

TABLE = """\
010 "Data Source Identifier" (SAC:8 SIC:8)
-
015 "Service Identification" :8
070 "Time Of Track Information" :24:u*1/2^7[s]
105 "Calculated Position In WGS-84 Co-ordinates" (LAT:32:i*180/2^25[°] LON:32:i*180/2^25[°])
100 "Calculated Track Position (Cartesian)" (X:24:i*1/2[m] Y:24:i*1/2[m])
185 "Calculated Track Velocity (Cartesian)" (VX:16:i*1/2^2[m/s] VY:16:i*1/2^2[m/s])
210 "Calculated Acceleration (Cartesian)" (AX:8:i*1/2^2[m/s²] AY:8:i*1/2^2[m/s²])
060 "Track Mode 3/A Code" (V:1 G:1 CH:1 -:1 MODE3A:12:oct)
245 "Target Identification" (STI:2 -:6 CHR:48:icao)
380 "Aircraft Derived Data" sub(ADR:24:hex ID:48:icao MHG:16:u*360/2^16[°] IAS(IM:1
    IAS:15:u*1/2^14[NM/s]~IM*1/1000[Mach]) TAS:16:u*1[kt] SAL(SAS:1 SRC:2 ALT:13:i*25[ft])
    FSS(MV:1 AH:1 AM:1 ALT:13:i*25[ft]) TIS=fx(NAV:1 NVB:1 -:5 |) TID=rep((TCA:1 NC:1 TCPN:6
    ALT:16:i*10[ft] LAT:24:i*180/2^23[°] LON:24:i*180/2^23[°] PT:4 TD:2 TRA:1 TOA:1
    TOV:24:u*1[s] TTR:16:u*1/100[NM])) COM(COM:3 STAT:3 -:2 SSC:1 ARC:1 AIC:1 B1A:1 B1B:4)
    SAB(AC:2 MN:2 DC:2 GBS:1 -:6 STAT:3) ACS:56:hex BVR:16:i*25/2^2[ft/min]
    GVR:16:i*25/2^2[ft/min] RAN:16:i*1/100[°] TAR(TI:2 -:6 ROT:7:i*1/2^2[°/s] -:1)
    TAN:16:u*360/2^16[°] GS:16:i*1/2^14[NM/s] VUN:8 MET(WS:1 WD:1 TMP:1 TRB:1 -:4 WSD:16:u*1[kt]
    WDD:16:u*1[°] TMPD:16:i*1/2^2[°C] TRBD:8:u) EMC:8 POS(LAT:24:i*180/2^23[°]
    LON:24:i*180/2^23[°]) GAL:16:i*25/2^2[ft] PUN(-:4 PUN:4) BDSDATA=rep(:64:hex) IAR:16:u*1[kt]
    MAC:16:u*1/125[Mach] BPS(-:4 BPS:12:u*1/10[mb]))
040 "Track Number" :16
080 "Track Status" fx(MON:1 SPI:1 MRH:1 SRC:3 CNF:1 | SIM:1 TSE:1 TSB:1 FPC:1 AFF:1 STP:1 KOS:1
    | AMA:1 MD4:2 ME:1 MI:1 MD5:2 | CST:1 PSR:1 SSR:1 MDS:1 ADS:1 SUC:1 AAC:1 | SDS:2 EMS:3
    PFT:1 FPLT:1 | DUPT:1 DUPF:1 DUPM:1 SFC:1 IDD:1 IEC:1 MLAT:1 | M5I:1 -:6 |)
290 "System Track Update Ages" sub(TRK:8:u*1/2^2[s] PSR:8:u*1/2^2[s] SSR:8:u*1/2^2[s]
    MDS:8:u*1/2^2[s] ADS:16:u*1/2^2[s] ES:8:u*1/2^2[s] VDL:8:u*1/2^2[s] UAT:8:u*1/2^2[s]
    LOP:8:u*1/2^2[s] MLT:8:u*1/2^2[s])
200 "Mode of Movement" (TRANS:2 LONG:2 VERT:2 ADF:1 -:1)
295 "Track Data Ages" sub(MFL:8:u*1/2^2[s] MD1:8:u*1/2^2[s] MD2:8:u*1/2^2[s] MDA:8:u*1/2^2[s]
    MD4:8:u*1/2^2[s] MD5:8:u*1/2^2[s] MHG:8:u*1/2^2[s] IAS:8:u*1/2^2[s] TAS:8:u*1/2^2[s]
    SAL:8:u*1/2^2[s] FSS:8:u*1/2^2[s] TID:8:u*1/2^2[s] COM:8:u*1/2^2[s] SAB:8:u*1/2^2[s]
    ACS:8:u*1/2^2[s] BVR:8:u*1/2^2[s] GVR:8:u*1/2^2[s] RAN:8:u*1/2^2[s] TAR:8:u*1/2^2[s]
    TAN:8:u*1/2^2[s] GSP:8:u*1/2^2[s] VUN:8:u*1/2^2[s] MET:8:u*1/2^2[s] EMC:8:u*1/2^2[s]
    POS:8:u*1/2^2[s] GAL:8:u*1/2^2[s] PUN:8:u*1/2^2[s] MB:8:u*1/2^2[s] IAR:8:u*1/2^2[s]
    MAC:8:u*1/2^2[s] BPS:8:u*1/2^2[s])
136 "Measured Flight Level" :16:i*1/2^2[FL]
130 "Calculated Track Geometric Altitude" :16:i*25/2^2[ft]
135 "Calculated Track Barometric Altitude" (QNH:1 CTB:15:i*1/2^2[FL])
220 "Calculated Rate of Climb/Descent" :16:i*25/2^2[ft/min]
390 "Flight Plan Related Data" sub(TAG(SAC:8 SIC:8) CS:56:ascii IFI(TYP:2 -:3 NBR:27:u)
    FCT(GATOAT:2 FR1FR2:2 RVSM:2 HPR:1 -:1) TAC:32:ascii WTC:8:ascii DEP:32:ascii DST:32:ascii
    RDS(NU1:8:ascii NU2:8:ascii LTR:8:ascii) CFL:16:u*1/2^2[FL] CTL(CENTRE:8 POSITION:8)
    TOD=rep((TYP:5 DAY:2 -:4 HOR:5:u -:2 MIN:6:u AVS:1 -:1 SEC:6:u)) AST:48:ascii STS(EMP:2
    AVL:2 -:4) STD:56:ascii STA:56:ascii PEM(-:3 VA:1 MODE3A:12:oct) PEC:56:ascii)
270 "Target Size and Orientation" fx(LENGTH:7:u*1[m] | ORIENTATION:7:u*360/2^7[°] |
    WIDTH:7:u*1[m] |)
300 "Vehicle Fleet Identification" :8
110 "Mode 5 Data Reports and Extended Mode 1 Code" sub(SUM(M5:1 ID:1 DA:1 M1:1 M2:1 M3:1 MC:1
    X:1) PMN(-:2 PIN:14 -:3 NAT:5 -:2 MIS:6) POS(LAT:24:i*180/2^23[°] LON:24:i*180/2^23[°])
    GA(-:1 RES:1 GA:14:i*25[ft]) EM1(-:4 EM1:12:oct) TOS:8:i*1/2^7[s] XP(-:3 X5:1 XC:1 X3:1 X2:1
    X1:1))
120 "Track Mode 2 Code" (-:4 MODE2:12:oct)
510 "Composed Track Number" repfx((IDENT:8 TRACK:15))
500 "Estimated Accuracies" sub(APC(X:16:u*1/2[m] Y:16:u*1/2[m]) COV:16:i*1/2[m]
    APW(LAT:16:u*180/2^25[°] LON:16:u*180/2^25[°]) AGA:8:u*25/2^2[ft] ABA:8:u*1/2^2[FL]
    ATV(X:8:u*1/2^2[m/s] Y:8:u*1/2^2[m/s]) AA(X:8:u*1/2^2[m/s²] Y:8:u*1/2^2[m/s²])
    ARC:8:u*25/2^2[ft/min])
340 "Measured Information" sub(SID(SAC:8 SIC:8) POS(RHO:16:u*1/2^8[NM] THETA:16:u*360/2^16[°])
    HEIGHT:16:i*25[ft] MDC(V:1 G:1 LMC:14:i*1/2^2[FL]) MDA(V:1 G:1 L:1 -:1 MODE3A:12:oct)
    TYP(TYP:3 SIM:1 RAB:1 TST:1 -:2))
-
-
-
-
-
RE "Reserved Expansion Field" len(sub1(CST=rep((SAC:8 SIC:8 -:4 TYP:4 LTN:16)) CSN=rep((SAC:8
    SIC:8 -:4 TYP:4)) TVS(VX:16:i*1/2^2[m/s] VY:16:i*1/2^2[m/s]) STS=fx(FDR:1 LNAV(EP:1 VAL:1)
    -:4 |) V3=sub(PS3(EP:1 VAL:3 -:4) AS(RCE(EP:1 VAL:2) RRL(EP:1 VAL:1) TPW(EP:1 VAL:2)
    TSI(EP:1 VAL:2) TAO(EP:1 RE:1 VAL:6) -:5) UAS(MUO(EP:1 VAL:1) DAA(EP:1 VAL:2) RWC(EP:1
    VAL:1) -:1) CASS(SVH(EP:1 VAL:2) CATC(EP:1 VAL:3) -:1))))
SP "Special Purpose Field" len
"""

CAT062 = category(62, "1.21", TABLE)
