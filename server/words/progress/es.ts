import type { ProgressWords } from './words.ts'

export const es: ProgressWords = {
  units: {
    bytes: ['B', 'kB', 'MB', 'GB', 'TB'],
    aSecond: '{size}/s',
    percent: '{percent} %',
    underMillisecond: 'menos de 1 ms',
    milliseconds: '{n} ms',
    seconds: '{n} s',
    minutes: '{n} min',
    hours: '{n} h',
    days: '{n} d',
  },
  downloading: {
    share: '{percent} % de {size}',
    peers: { one: '{n} par', other: '{n} pares' },
    left: 'faltan unos {time}',
    larger: 'no cabe entero aquí, así que se reproduce al vuelo y no se guarda',
    complete: {
      one: 'completo, se comparte con {n} par mientras alguien lo ve',
      other: 'completo, se comparte con {n} pares mientras alguien lo ve',
    },
    here: 'Ya está aquí el {percent} % del archivo',
  },
  waiting: {
    asking: 'Preguntando al servidor.',
    metadata: 'Preguntando a los pares qué hay en el torrent.',
    permit: 'Esperando turno y espacio en el disco.',
    peers: 'Buscando pares que tengan el archivo.',
    node: 'En el disco de otro nodo.',
    path: 'Un archivo de este servidor.',
    disk: 'En el disco de este servidor.',
    redirect: 'Un enlace directo: tu navegador lo descarga de donde está.',
    relay: 'Una película de otro servidor, enviada a través de este.',
  },
}
