"""CAT 048, Monoradar Target Reports, edition 1.32 (2024-07-01).

Plots and local tracks of one radar; Reserved Expansion Field edition 1.13 (2024-12-01).
Source: EUROCONTROL-SPEC-0149. ``TABLE`` is the bit table: the n-th entry is field reference number
n of the user application profile, in the notation of :mod:`steppewatch.wire.asterix.table`.
"""

from steppewatch.wire.asterix.table import category

TABLE = """\
010 "Data Source Identifier" (SAC:8 SIC:8)
140 "Time of Day" :24:u*1/2^7[s]
020 "Target Report Descriptor" fx(TYP:3 SIM:1 RDP:1 SPI:1 RAB:1 | TST:1 ERR:1 XPP:1 ME:1 MI:1
    FOEFRI:2 | ADSB(EP:1 VAL:1) SCN(EP:1 VAL:1) PAI(EP:1 VAL:1) -:1 | ACASXV(EP:1 VAL:4)
    POXPR(EP:1 VAL:1) | POACT(EP:1 VAL:1) DTFXPR(EP:1 VAL:1) DTFACT(EP:1 VAL:1) -:1 |
    IRMXPR(EP:1 VAL:1) IRMACT(EP:1 VAL:1) -:3 |)
040 "Measured Position in Polar Co-ordinates" (RHO:16:u*1/2^8[NM] THETA:16:u*360/2^16[°])
070 "Mode-3/A Code in Octal Representation" (V:1 G:1 L:1 -:1 MODE3A:12:oct)
090 "Flight Level in Binary Representation" (V:1 G:1 FL:14:i*1/2^2[FL])
130 "Radar Plot Characteristics" sub(SRL:8:u*360/2^13[°] SRR:8:u SAM:8:i*1[dBm]
    PRL:8:u*360/2^13[°] PAM:8:i*1[dBm] RPD:8:i*1/2^8[NM] APD:8:i*360/2^14[°])
220 "Aircraft Address" :24:hex
240 "Aircraft Identification" :48:icao
250 "BDS Register Data" rep((MBDATA:56:hex BDS1:4 BDS2:4))
161 "Track Number" (-:4 TRN:12)
042 "Calculated Position in Cartesian Co-ordinates" (X:16:i*1/2^7[NM] Y:16:i*1/2^7[NM])
200 "Calculated Track Velocity in Polar Co-ordinates" (GSP:16:u*1/2^14[NM/s]
    HDG:16:u*360/2^16[°])
170 "Track Status" fx(CNF:1 RAD:2 DOU:1 MAH:1 CDM:2 | TRE:1 GHO:1 SUP:1 TCC:1 -:3 |)
210 "Track Quality" (SIGX:8:u*1/2^7[NM] SIGY:8:u*1/2^7[NM] SIGV:8:u*1/2^14[NM/s]
    SIGH:8:u*360/2^12[°])
030 "Warning/Error Conditions and Target Classification" repfx(:7)
080 "Mode-3/A Code Confidence Indicator" (-:4 QA4:1 QA2:1 QA1:1 QB4:1 QB2:1 QB1:1 QC4:1 QC2:1
    QC1:1 QD4:1 QD2:1 QD1:1)
100 "Mode-C Code and Code Confidence Indicator" (V:1 G:1 -:2 MODEC:12 -:4 QC1:1 QA1:1 QC2:1
    QA2:1 QC4:1 QA4:1 QB1:1 QD1:1 QB2:1 QD2:1 QB4:1 QD4:1)
110 "Height Measured by a 3D Radar" (-:2 3DH:14:i*25[ft])
120 "Radial Doppler Speed" sub(CAL(D:1 -:5 CAL:10:i*1[m/s]) RDS=rep((DOP:16:u*1[m/s]
    AMB:16:u*1[m/s] FRQ:16:u*1[MHz])))
230 "Communications/ACAS Capability and Flight Status" (COM:3 STAT:3 SI:1 -:1 MSSC:1 ARC:1 AIC:1
    B1A:1 B1B:4)
260 "ACAS Resolution Advisory Report" :56:hex
055 "Mode-1 Code in Octal Representation" (V:1 G:1 L:1 MODE1:5)
050 "Mode-2 Code in Octal Representation" (V:1 G:1 L:1 -:1 MODE2:12:oct)
065 "Mode-1 Code Confidence Indicator" (-:3 QA4:1 QA2:1 QA1:1 QB2:1 QB1:1)
060 "Mode-2 Code Confidence Indicator" (-:4 QA4:1 QA2:1 QA1:1 QB4:1 QB2:1 QB1:1 QC4:1 QC2:1
    QC1:1 QD4:1 QD2:1 QD1:1)
SP "Special Purpose Field" len
RE "Reserved Expansion Field" len(sub1(MD5=sub(SUM(M5:1 ID:1 DA:1 M1:1 M2:1 M3:1 MC:1 -:1)
    PMN(-:2 PIN:14 -:2 NAV:1 NAT:5 -:2 MIS:6) POS(LAT:24:i*180/2^23[°] LON:24:i*180/2^23[°])
    GA(-:1 RES:1 GA:14:i*25[ft]) EM1(V:1 G:1 L:1 -:1 EM1:12:oct) TOS:8:u*1/2^7[s] XP(-:2 XP:1
    X5:1 XC:1 X3:1 X2:1 X1:1)) M5N=sub(SUM(M5:1 ID:1 DA:1 M1:1 M2:1 M3:1 MC:1 -:1) PMN(-:2
    PIN:14 -:4 NOV:1 NO:11) POS(LAT:24:i*180/2^23[°] LON:24:i*180/2^23[°]) GA(-:1 RES:1
    GA:14:i*25[ft]) EM1(V:1 G:1 L:1 -:1 EM1:12:oct) TOS:8:u*1/2^7[s] XP(-:2 XP:1 X5:1 XC:1 X3:1
    X2:1 X1:1) FOM(-:3 FOM:5)) M4E=fx(-:5 FOEFRI:2 |) RPC=sub(SCO:8:u SRC:16:u*1/10[dB]
    RW:16:u*1/2^8[NM] AR:16:u*1/2^8[NM]) ERR:24:u*1/2^8[NM] RTC=sub(PTL(-:3 SCN:1 RC:1 AC:1
    SSR:1 PSR:1 PLOTNR:16) ATL=rep(:16) TRN:8:u*1[%] NPP(PREDRHO:16:u*1/2^7[NM]
    PREDTHETA:16:u*360/2^16[°] EVOLRHOSTART:16:u*1/2^7[NM] EVOLRHOEND:16:u*1/2^7[NM]
    EVOLTHETASTART:16:u*360/2^16[°] EVOLTHETAEND:16:u*360/2^16[°] NOISERHOSTART:16:u*1/2^7[NM]
    NOISERHOEND:16:u*1/2^7[NM] NOISETHETASTART:16:u*360/2^16[°] NOISETHETAEND:16:u*360/2^16[°]
    PREDTIME:16:u*1/2^7[s]) DLK=rep((TYPE:4 ORIGIN:2 STATE:2)) LCK(LS:1 LOCTIM:15:u*1[ms])
    TC(-:7 TCOUNT1:4:u TCODE1:5 TCOUNT2:4:u TCODE2:12:oct TCOUNT3:4:u TCODE3:12:oct) TLC(ACQI:2
    TRKUPDCTR:14:u LASTTRKUPD:16:u*1[ms]) ASI=rep((SACADJS:8 SICADJS:8
    TIMEOFDAYSCN:16:u*1/2^7[s] DATAUSE:7 DRNA:1 DRN:16)) TES:8 IR(IR:1 M3A:7:u*1[s]))
    CPC=sub(PNB:16 RPL=rep((TYPE:8 REPLYNBR:16)) SNB:8:u DATE(Y1:4:u Y2:4:u Y3:4:u Y4:4:u M1:4:u
    M2:4:u D1:4:u D2:4:u)) GEN48=sub(ALTM2(V:1 G:1 L:1 -:1 ALTM2:12:oct) ALTM3(V:1 G:1 L:1 -:1
    ALTM3:12:oct) ALTFL(V:1 G:1 ALTFL:14:i*1/2^2[ALTFL]) RCSDB(-:2 RCSDB:14:i*1/100[dBm²])
    RCSM(-:2 RCSM:30:u*1/10^6[m²]))))
"""

CAT048 = category(48, "1.32", TABLE)
