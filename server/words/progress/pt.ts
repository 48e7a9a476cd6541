import type { ProgressWords } from './words.ts'

export const pt: ProgressWords = {
  units: {
    bytes: ['B', 'kB', 'MB', 'GB', 'TB'],
    aSecond: '{size}/s',
    percent: '{percent}%',
    underMillisecond: 'menos de 1 ms',
    milliseconds: '{n} ms',
    seconds: '{n} s',
    minutes: '{n} min',
    hours: '{n} h',
    days: '{n} d',
  },
  downloading: {
    share: '{percent}% de {size}',
    peers: { one: '{n} par', other: '{n} pares' },
    left: 'faltam cerca de {time}',
    larger: 'não cabe inteiro aqui, por isso é reproduzido de passagem e não fica guardado',
    complete: {
      one: 'completo, partilhado com {n} par enquanto alguém o vê',
      other: 'completo, partilhado com {n} pares enquanto alguém o vê',
    },
    here: '{percent}% do ficheiro já está aqui',
  },
  waiting: {
    asking: 'A perguntar ao servidor.',
    metadata: 'A perguntar aos pares o que há no torrent.',
    permit: 'À espera de vez e de espaço no disco.',
    peers: 'À procura de pares que tenham o ficheiro.',
    node: 'No disco de outro nó.',
    path: 'Um ficheiro deste servidor.',
    disk: 'No disco deste servidor.',
    redirect: 'Um link direto: o seu navegador vai buscá-lo onde ele está.',
    relay: 'Um filme de outro servidor, enviado através deste.',
  },
}
