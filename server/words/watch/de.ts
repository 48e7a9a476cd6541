import type { WatchWords } from './words.ts'

export const de: WatchWords = {
  page: {
    title: (name) => `Ansehen – ${name}`,
    subtitle: 'In Ihrem Browser',
    film: 'Der Film',
    asking: 'Der Server wird gefragt, was in diesem Film ist.',
    needsScripts: 'Diese Seite braucht Skripte.',
    about: 'Über diesen Server',
    coming: 'Nächste Folge',
    playNow: 'Jetzt abspielen',
    stay: 'Hier bleiben',
    time: 'Zeit',
    sound: 'Ton',
    subtitles: 'Untertitel',
    speed: 'Tempo',
    chapter: 'Kapitel',
    vlc: 'In VLC öffnen',
    players: 'In VLC oder mpv öffnen',
    copy: 'Link kopieren',
    file: 'Die Datei selbst',
    resumes: 'Es geht dort weiter, wo dieser Browser aufgehört hat.',
    status: 'Status und Probewiedergabe',
  },
  keys: {
    name: 'Tasten',
    close: 'Schließen',
    play: ['Leertaste, K', 'Abspielen oder anhalten'],
    jump: ['← →', 'Zehn Sekunden zurück oder vor'],
    tenth: ['0 bis 9', 'Zu diesem Zehntel des Films'],
    volume: ['↑ ↓', 'Lauter oder leiser'],
    mute: ['M', 'Ton aus oder an'],
    subtitles: ['C', 'Untertitel aus oder an'],
    skip: ['S', 'Vorspann oder Rückblick überspringen'],
    next: ['N', 'Die nächste Folge'],
    speed: ['< >', 'Langsamer oder schneller'],
    fill: ['F', 'Vollbild'],
    picture: ['P', 'Bild im Bild'],
    help: ['?', 'Diese Liste'],
  },
  script: {
    noAnswer: 'Der Server antwortet nicht. Versuchen Sie es gleich noch einmal.',
    cannotPlay:
      'Ihr Browser konnte diese Datei nicht abspielen. Öffnen Sie sie in einem anderen Player.',
    cannotDecode:
      'Ihr Browser konnte diesen Film nicht dekodieren. Öffnen Sie ihn in einem anderen Player.',
    byItself: 'Hier ist zu sehen, was Ihr Browser selbst daraus macht.',
    skipIntro: 'Vorspann überspringen',
    skipRecap: 'Rückblick überspringen',
    chapter: 'Kapitel {n}',
    episode: 'Staffel {season}, Folge {episode}',
    goesIn: 'in {n} s',
    off: 'Aus',
    beside: '{name} (Datei)',
    track: 'Spur {n}',
    here: 'ist da',
    notHere: 'noch nicht da',
    partlyHere: 'teilweise da',
    asItIs: 'Ihr Browser spielt diese Datei, wie sie ist.',
    pictureRefused:
      'Das Bild dieses Films hat ein Format ({codec}), das dieser Browser nicht abspielt.',
    otherPlayer:
      'Öffnen Sie die Datei in einem anderen Player, oder wählen Sie eine andere Quelle.',
    encoded: 'Das Bild ({codec}) wird für Ihren Browser umgewandelt, mit {n} Zeilen.',
    encodedBoth:
      'Das Bild ({codec}) wird für Ihren Browser umgewandelt, mit {n} Zeilen, der Ton ({sound}) ebenfalls.',
    noSound: 'In diesem Film wurde kein Ton gefunden, der hier gespielt werden kann.',
    soundRefused:
      'Der Ton dieses Films hat ein Format ({codec}), das Browser nicht abspielen, und dieser Server wandelt nichts um: Es läuft nur das Bild.',
    converted:
      'Das Bild ist so, wie es in der Datei ist; der Ton ({codec}) wird für Ihren Browser umgewandelt.',
    copied:
      'Bild und Ton sind so, wie sie in der Datei sind, in Teile geschnitten, die Ihr Browser annimmt.',
    oldKind: 'ein veraltetes',
    tenBits: 'H.264 mit 10 Bit',
  },
}
