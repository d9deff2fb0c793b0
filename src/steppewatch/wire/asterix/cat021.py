"""CAT 021, ADS-B Target Reports, edition 2.7 (2025-07-02).

What aircraft say of themselves; Reserved Expansion Field edition 1.5 (2021-12-22).
Source: EUROCONTROL-SPEC-0149. ``TABLE`` is the bit table: the n-th entry is field reference number
n of the user application profile, in the notation of :mod:`steppewatch.wire.asterix.table`.
"""

from steppewatch.wire.asterix.table import category

TABLE = """\
010 "Data Source Identification" (SAC:8 SIC:8)
040 "Target Report Descriptor" fx(ATP:3 ARC:2 RC:1 RAB:1 | DCR:1 GBS:1 SIM:1 TST:1 SAA:1 CL:2 |
    -:1 LLC:1 IPC:1 NOGO:1 CPR:1 LDPJ:1 RCF:1 | TBC(EP:1 VAL:6:u) | MBC(EP:1 VAL:6:u) |)
161 "Track Number" (-:4 TRNUM:12)
015 "Service Identification" :8
071 "Time of Applicability for Position" :24:u*1/2^7[s]
130 "Position in WGS-84 Co-ordinates" (LAT:24:i*180/2^23[°] LON:24:i*180/2^23[°])
131 "High-Resolution Position in WGS-84 Co-ordinates" (LAT:32:i*180/2^30[°]
    LON:32:i*180/2^30[°])
072 "Time of Applicability for Velocity" :24:u*1/2^7[s]
150 "Air Speed" (IM:1 AS:15:u*1/2^14[NM/s]~IM*1/1000[Mach])
151 "True Airspeed" (RE:1 TAS:15:u*1[kt])
080 "Target Address" :24:hex
073 "Time of Message Reception for Position" :24:u*1/2^7[s]
074 "Time of Message Reception of Position-High Precision" (FSI:2 TOMRP:30:u*1/2^30[s])
075 "Time of Message Reception for Velocity" :24:u*1/2^7[s]
076 "Time of Message Reception of Velocity-High Precision" (FSI:2 TOMRP:30:u*1/2^30[s])
140 "Geometric Height" :16:i*25/2^2[ft]
090 "Quality Indicators" fx(NUCRNACV:3 NUCPNIC:4 | NICBARO:1 SIL:2 NACP:4 | -:2 SILS:1 SDA:2
    GVA:2 | PIC:4 SRC:1 -:2 | -:2 VALSTATE(EP:1 VAL:2) VD:1 VQ:1 | VALDISTP1:7:u*128[m] |
    VALDISTP2:7:u*1[m] | VALDISTQUALP1:7:u*128[m] | VALDISTQUALP2:7:u*1[m] |)
210 "MOPS Version" (-:1 VNS:1 VN:3 LTT:3)
070 "Mode 3/A Code in Octal Representation" (-:4 MODE3A:12:oct)
230 "Roll Angle" :16:i*1/100[°]
145 "Flight Level" :16:i*1/2^2[FL]
152 "Magnetic Heading" :16:u*360/2^16[°]
200 "Target Status" (ICF:1 LNAV:1 ME:1 PS:3 SS:2)
155 "Barometric Vertical Rate" (RE:1 BVR:15:i*25/2^2[ft/min])
157 "Geometric Vertical Rate" (RE:1 GVR:15:i*25/2^2[ft/min])
160 "Airborne Ground Vector" (RE:1 GS:15:u*1/2^14[NM/s] TA:16:u*360/2^16[°])
165 "Track Angle Rate" (-:6 TAR:10:i*1/2^5[°/s])
077 "Time of ASTERIX Report Transmission" :24:u*1/2^7[s]
170 "Target Identification" :48:icao
020 "Emitter Category" :8
220 "Met Information" sub(WS:16:u*1[kt] WD:16:u*1[°] TMP:16:i*1/2^2[°C] TRB:8:u)
146 "Selected Altitude" (SAS:1 S:2 ALT:13:i*25[ft])
148 "Final State Selected Altitude" (MV:1 AH:1 AM:1 ALT:13:i*25[ft])
110 "Trajectory Intent" sub(TIS=fx(NAV:1 NVB:1 -:5 |) TID=rep((TCA:1 NC:1 TCPN:6 ALT:16:i*10[ft]
    LAT:24:i*180/2^23[°] LON:24:i*180/2^23[°] PT:4 TD:2 TRA:1 TOA:1 TOV:24:u*1[s]
    TTR:16:u*1/100[NM])))
016 "Service Management" :8:u*1/2[s]
008 "Aircraft Operational Status" (RA:1 TC:2 TS:1 ARV:1 CDTIA:1 NOTTCAS:1 SA:1)
271 "Surface Capabilities and Characteristics" fx(-:2 POA:1 CDTIS:1 B2LOW:1 RAS:1 IDENT:1 | LW:4
    -:3 |)
132 "Message Amplitude" :8:i*1[dBm]
250 "Mode S MB Data" rep(:64:hex)
260 "ACAS Resolution Advisory Report" (TYP:5 STYP:3 ARA:14 RAC:4 RAT:1 MTE:1 TTI:2 TID:26:hex)
400 "Receiver ID" :8
295 "Data Ages" sub(AOS:8:u*1/10[s] TRD:8:u*1/10[s] M3A:8:u*1/10[s] QI:8:u*1/10[s]
    TI1:8:u*1/10[s] MAM:8:u*1/10[s] GH:8:u*1/10[s] FL:8:u*1/10[s] SAL:8:u*1/10[s]
    FSA:8:u*1/10[s] AS:8:u*1/10[s] TAS:8:u*1/10[s] MH:8:u*1/10[s] BVR:8:u*1/10[s]
    GVR:8:u*1/10[s] GV:8:u*1/10[s] TAR:8:u*1/10[s] TI2:8:u*1/10[s] TS:8:u*1/10[s]
    MET:8:u*1/10[s] ROA:8:u*1/10[s] ARA:8:u*1/10[s] SCC:8:u*1/10[s])
-
-
-
-
-
RE "Reserved Expansion Field" len(sub1(BPS(-:4 BPS:12:u*1/10[hPa]) SH(-:4 HDR:1 STAT:1
    SH:10:u*45/2^6[°]) NAV(AP:1 VN:1 AH:1 AM:1 MFM(EP:1 VAL:1) -:2) GAO:8 SGV=fx(STP:1 HTS:1
    HTT:1 HRD:1 GSS:11:u*1/2^3[kt] | HGT:7:u*45/2^4[°] |) STA=fx(ES:1 UAT:1 RCE(EP:1 VAL:2)
    RRL(EP:1 VAL:1) | PS3(EP:1 VAL:3) TPW(EP:1 VAL:2) | TSI(EP:1 VAL:2) MUO(EP:1 VAL:1) RWC(EP:1
    VAL:1) | DAA(EP:1 VAL:2) DF17CA(EP:1 VAL:3) | SVH(EP:1 VAL:2) CATC(EP:1 VAL:3) | TAO(EP:1
    VAL:5 -:1) |) TNH:16:u*360/2^16[°] MES=sub(SUM(M5:1 ID:1 DA:1 M1:1 M2:1 M3:1 MC:1 PO:1)
    PNO(-:2 PIN:14 -:5 NO:11) EM1(V:1 -:1 L:1 -:1 EM1:12:oct) XP(-:2 XP:1 X5:1 XC:1 X3:1 X2:1
    X1:1) FOM(-:3 FOM:5) M2(V:1 -:1 L:1 -:1 MODE2:12:oct))))
SP "Special Purpose Field" len
"""

CAT021 = category(21, "2.7", TABLE)
