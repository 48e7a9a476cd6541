import type { ProgressWords } from './words.ts'

export const fr: ProgressWords = {
  units: {
    bytes: ['o', 'ko', 'Mo', 'Go', 'To'],
    aSecond: '{size}/s',
    percent: '{percent} %',
    underMillisecond: 'moins de 1 ms',
    milliseconds: '{n} ms',
    seconds: '{n} s',
    minutes: '{n} min',
    hours: '{n} h',
    days: '{n} j',
  },
  downloading: {
    share: '{percent} % de {size}',
    peers: { one: '{n} pair', other: '{n} pairs' },
    left: 'encore {time} environ',
    larger: 'plus gros que la place disponible ici, donc lu au passage sans être gardé',
    complete: {
      one: 'complet, partagé avec {n} pair pendant qu’on le regarde',
      other: 'complet, partagé avec {n} pairs pendant qu’on le regarde',
    },
    here: '{percent} % du fichier est arrivé',
  },
  waiting: {
    asking: 'Le serveur est interrogé.',
    metadata: 'Demande aux pairs ce que contient le torrent.',
    permit: 'En attente d’un tour et de place sur le disque.',
    peers: 'Recherche de pairs qui ont le fichier.',
    node: 'Sur le disque d’un autre nœud.',
    path: 'Un fichier de ce serveur.',
    disk: 'Sur le disque de ce serveur.',
    redirect: 'Un lien direct : votre navigateur va chercher le film là où il est.',
    relay: 'Un film d’un autre serveur, transmis par celui-ci.',
  },
}
