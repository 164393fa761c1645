# SPDX-License-Identifier: MIT
#
# For FFmpeg's tests/fate: include it in tests/Makefile, put nca-commands into
# tests/filtergraphs and the other files into tests/ref/fate, and let NCA_MODEL_PATH name the
# folder of the models:
#   NCA_MODEL_PATH=…/models make fate-filter-nca
# No argument may hold a space: words of events are parted by '/'.

FATE_NCA = overlay overlay-rgb turned straight replace alpha placed wound-motion wound-bright \
           wound-alpha commands disabled resized source source-alpha source-fraction

FATE_FILTER_NCA-$(call ALLYES, LAVFI_INDEV NCA_FILTER NCASRC_FILTER TESTSRC2_FILTER) += \
    $(FATE_NCA:%=fate-filter-nca-%)

# Grown, cut, and healing.
fate-filter-nca-overlay: CMD = framemd5 -f lavfi -i testsrc2=s=320x180:r=5:d=4,format=yuv420p -vf "nca=lizard:steps=12:events=0/plant/50%/50%|120/erase/half/lower"
fate-filter-nca-overlay-rgb: CMD = framemd5 -f lavfi -i testsrc2=s=320x180:r=5:d=2,format=rgb24 -vf nca=lizard:warmup=90:steps=3
fate-filter-nca-turned: CMD = framemd5 -f lavfi -i testsrc2=s=181x237:r=5:d=2,format=yuv420p -vf nca=butterfly:warmup=60:steps=6:angle=45:edge=wrap:interp=nearest:fire_rate=0.6:seed=7
fate-filter-nca-straight: CMD = framemd5 -f lavfi -i testsrc2=s=160x120:r=5:d=2,format=rgba -vf nca=smiley:warmup=80:steps=5:opacity=0.6
fate-filter-nca-replace: CMD = framemd5 -f lavfi -i testsrc2=s=160x120:r=5:d=2,format=gbrp -vf nca=axolotl:warmup=80:steps=5:mode=replace
fate-filter-nca-alpha: CMD = framemd5 -f lavfi -i testsrc2=s=160x120:r=5:d=2,format=yuva420p -vf nca=lizard:warmup=80:steps=5:mode=alpha
fate-filter-nca-placed: CMD = framemd5 -f lavfi -i testsrc2=s=321x241:r=5:d=2,format=yuv420p -vf nca=lizard:grid=72x60:scale=1.7:x=W-w/2:y=-13:warmup=80:steps=5

# What the video shows kills cells.
fate-filter-nca-wound-motion: CMD = framemd5 -f lavfi -i testsrc2=s=320x240:r=5:d=3,format=yuv420p -vf nca=lizard:warmup=90:steps=2:wound=motion:threshold=0.2
fate-filter-nca-wound-bright: CMD = framemd5 -f lavfi -i testsrc2=s=320x240:r=5:d=3,format=gbrp -vf nca=lizard:warmup=90:steps=2:wound=bright
fate-filter-nca-wound-alpha: CMD = framemd5 -f lavfi -i testsrc2=s=320x240:r=5:d=3:alpha=0,format=rgba -vf nca=lizard:warmup=90:steps=2:wound=alpha:mode=alpha:threshold=0.9

# While it runs.
fate-filter-nca-commands: CMD = framemd5 -f lavfi -i testsrc2=s=320x180:r=5:d=6,format=yuv420p -vf sendcmd=f=$(SRC_PATH)/tests/filtergraphs/nca-commands,nca=lizard:steps=12
fate-filter-nca-disabled: CMD = framemd5 -f lavfi -i testsrc2=s=320x180:r=5:d=4,format=yuv420p -vf "nca=lizard:steps=12:enable=gte(t\,2)"
fate-filter-nca-resized: CMD = framemd5 -filter_complex "testsrc2=s=320x180:r=5:d=1[a];testsrc2=s=200x301:r=5:d=1[b];testsrc2=s=33x17:r=5:d=1[c];[a][b][c]concat=n=3:unsafe=1,format=yuv420p,nca=lizard:warmup=90:steps=3"

# Alone.
fate-filter-nca-source: CMD = framemd5 -f lavfi -i "ncasrc=lizard:s=160x160:r=5:d=4:steps=12:events=0/plant/50%/50%|120/erase/circle/50%/50%/9"
fate-filter-nca-source-alpha: CMD = framemd5 -f lavfi -i ncasrc=butterfly:s=96x96:r=5:d=2:warmup=80:steps=9:sar=2,format=yuva420p
fate-filter-nca-source-fraction: CMD = framemd5 -f lavfi -i ncasrc=lizard:s=72x72:r=30:d=1:warmup=60:steps=0.4:scale=1:interp=nearest,format=rgba

FATE_FILTER-yes += $(FATE_FILTER_NCA-yes)
fate-filter-nca: $(FATE_FILTER_NCA-yes)
