#!/bin/sh
# The image's ffmpeg, made of Debian's source with Debian's mends: nothing but what media/ffmpeg/audio-plan.ts
# asks of it, sound out of Matroska into AAC. 3 MB instead of Debian's 400, without what reads files, addresses
# or pictures, and LGPL. Runs as root in Debian 12 and leaves /usr/local/bin/ffmpeg and its licence.
set -eu

sed -i 's/^Types: deb$/Types: deb deb-src/' /etc/apt/sources.list.d/debian.sources
apt-get update
apt-get install -y --no-install-recommends dpkg-dev gcc libc6-dev make nasm
cd "$(mktemp -d)"
apt-get source ffmpeg
cd ffmpeg-*/
./configure \
  --disable-everything --disable-autodetect --disable-doc --disable-network \
  --disable-ffplay --disable-ffprobe --disable-swscale \
  --enable-protocol=pipe \
  --enable-demuxer=matroska \
  --enable-indev=lavfi \
  --enable-parser='aac,aac_latm,ac3,dca,flac,mlp,mpegaudio,opus,vorbis' \
  --enable-decoder='aac,aac_latm,ac3,alac,dca,eac3,flac,mlp,mp1float,mp2float,mp3float,opus,pcm_*' \
  --enable-decoder='truehd,tta,vorbis,wavpack,wmapro,wmav1,wmav2' \
  --enable-filter='adelay,aformat,anull,anullsrc,apad,aresample,asetpts,atrim' \
  --enable-encoder=aac \
  --enable-muxer=adts
make -j"$(nproc)" ffmpeg
install -m 755 ffmpeg /usr/local/bin/ffmpeg
install -D -m 644 COPYING.LGPLv2.1 /usr/local/share/doc/ffmpeg/COPYING.LGPLv2.1
