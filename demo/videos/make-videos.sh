#!/bin/sh
# Makes the demo's films. They are committed, so nobody needs ffmpeg to run the demo; this is here
# to show how they came about and to change them. Needs ffmpeg with libx264 and drawtext, and the
# DejaVu fonts. Dedicated to the public domain (CC0-1.0).
set -eu
cd "$(dirname "$0")"

font=/usr/share/fonts/truetype/dejavu/DejaVuSans
series=Playlink.Demo.Series.S01.360p

# film FILE WIDTHxHEIGHT SECONDS COLOURS "TITLE" "SUBTITLE" DISC_COLOUR X Y CHORD CRF
# X and Y are where the disc is at the time t; CHORD is an expression of t for the sound.
film() {
  width=${2%x*}
  height=${2#*x}
  disc=$((height / 3))
  round="clip($disc/2-hypot(X-$disc/2,Y-$disc/2),0,1)"
  ffmpeg -hide_banner -loglevel error -y \
    -f lavfi -i "gradients=s=$2:r=24:d=$3:seed=1:x0=$((width / 2)):y0=0:x1=$((width / 2)):y1=$height:$4" \
    -f lavfi -i "color=$7:s=${disc}x$disc:r=24:d=0.04,format=yuva420p,geq=lum='p(X,Y)':cb='p(X,Y)':cr='p(X,Y)':a='255*$round'" \
    -f lavfi -i "color=white@0.85:s=${width}x$((height / 60)):r=24:d=$3" \
    -f lavfi -i "aevalsrc='0.16*(${10})*min(1,t)*min(1,$3-t)':s=32000:d=$3" \
    -filter_complex "[0][1]overlay=x='$8-$disc/2':y='$9-$disc/2':eof_action=repeat[sky];
      [sky]drawtext=fontfile=$font-Bold.ttf:text='$5':fontsize=h/9:fontcolor=white:shadowcolor=black@0.6:shadowx=2:shadowy=2:x=w/20:y=h/14,
        drawtext=fontfile=$font.ttf:text='$6':fontsize=h/16:fontcolor=white:shadowcolor=black@0.6:shadowx=1:shadowy=1:x=w/20:y=h/14+h/8,
        drawtext=fontfile=$font-Bold.ttf:text='%{pts\:gmtime\:0\:%M\\\\\:%S}':fontsize=h/12:fontcolor=white:shadowcolor=black@0.6:shadowx=2:shadowy=2:x=w-tw-w/20:y=h-th-h/12[said];
      [said][2]overlay=x='-W+W*t/$3':y=H-h,format=yuv420p[out]" \
    -map '[out]' -map 3 -t "$3" \
    -c:v libx264 -preset veryslow -profile:v main -crf "${11}" -g 48 -c:a aac -b:a 32k -ac 1 \
    -metadata title="$5, $6" -fflags +bitexact -flags:v +bitexact -flags:a +bitexact \
    -movflags +faststart "$1"
}

# What the same film says of itself tells the viewer which source is playing.
colours='speed=0.012:nb_colors=4:c0=0x1b2a6b:c1=0x8e2f7f:c2=0xe0663d:c3=0x1f7a6d'
x='W/2+W*0.32*cos(t*0.42)'
y='H/2+H*0.2*sin(t*0.84)'
chord='sin(2*PI*220*t)+0.7*sin(2*PI*277.2*t)*(0.6+0.4*sin(t))+0.6*sin(2*PI*329.6*t)*(0.6+0.4*cos(t*0.7))'
film Playlink.Demo.Film.360p.mp4 640x360 30 "$colours" 'Orbit' 'from the swarm, 360p' 0xfff2c4 "$x" "$y" "$chord" 27
film Playlink.Demo.Film.240p.mp4 426x240 30 "$colours" 'Orbit' 'from the swarm, 240p' 0xfff2c4 "$x" "$y" "$chord" 30
film Playlink.Demo.Film.Direct.360p.mp4 640x360 30 "$colours" 'Orbit' 'from a plain link' 0xfff2c4 "$x" "$y" "$chord" 30

mkdir -p $series
film $series/Playlink.Demo.Series.S01E01.Sunrise.360p.mp4 640x360 20 \
  'speed=0.001:nb_colors=3:c0=0x5b1a4a:c1=0xf08a24:c2=0xf6c667' 'Sunrise' 'season 1, episode 1' 0xfff4b0 \
  'W*0.5' 'H*1.1-H*0.6*t/20' 'sin(2*PI*261.6*t)+0.8*sin(2*PI*329.6*t)+0.6*sin(2*PI*392*t)*min(1,t/10)' 28
film $series/Playlink.Demo.Series.S01E02.Moonrise.360p.mp4 640x360 20 \
  'speed=0.001:nb_colors=3:c0=0x060b26:c1=0x16407a:c2=0x2b7a8c' 'Moonrise' 'season 1, episode 2' 0xe6ecf5 \
  'W*0.15+W*0.7*t/20' 'H*0.75-H*0.35*sin(PI*t/20)' 'sin(2*PI*174.6*t)+0.8*sin(2*PI*220*t)+0.6*sin(2*PI*261.6*t)*min(1,t/10)' 28
