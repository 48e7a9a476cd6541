import type { ProgressWords } from './words.ts'

export const de: ProgressWords = {
  units: {
    bytes: ['B', 'kB', 'MB', 'GB', 'TB'],
    aSecond: '{size}/s',
    percent: '{percent} %',
    underMillisecond: 'unter 1 ms',
    milliseconds: '{n} ms',
    seconds: '{n} s',
    minutes: '{n} min',
    hours: '{n} h',
    days: '{n} T',
  },
  downloading: {
    share: '{percent} % von {size}',
    peers: { one: '{n} Peer', other: '{n} Peers' },
    left: 'noch etwa {time}',
    larger: 'größer als der Platz hier, wird daher nur durchgespielt und nicht aufgehoben',
    complete: {
      one: 'vollständig, wird mit {n} Peer geteilt, solange jemand zusieht',
      other: 'vollständig, wird mit {n} Peers geteilt, solange jemand zusieht',
    },
    here: '{percent} % der Datei sind da',
  },
  waiting: {
    asking: 'Der Server wird gefragt.',
    metadata: 'Peers werden gefragt, was im Torrent ist.',
    permit: 'Wartet, bis die Reihe daran und Platz auf der Festplatte ist.',
    peers: 'Sucht Peers, die die Datei haben.',
    node: 'Auf der Festplatte eines anderen Knotens.',
    path: 'Eine Datei dieses Servers.',
    disk: 'Auf der Festplatte dieses Servers.',
    redirect: 'Ein direkter Link: Ihr Browser holt den Film dort, wo er liegt.',
    relay: 'Ein Film von einem anderen Server, über diesen gesendet.',
  },
}
