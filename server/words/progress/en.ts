import type { Counted } from '../languages.ts'

export const en = {
  units: {
    bytes: ['B', 'kB', 'MB', 'GB', 'TB'],
    aSecond: '{size}/s',
    percent: '{percent} %',
    underMillisecond: 'under 1 ms',
    milliseconds: '{n} ms',
    seconds: '{n} s',
    minutes: '{n} min',
    hours: '{n} h',
    days: '{n} d',
  },
  downloading: {
    share: '{percent} % of {size}',
    peers: { one: '{n} peer', other: '{n} peers' } as Counted,
    left: 'about {time} left',
    larger: 'larger than the room here, so played through and not kept',
    complete: {
      one: 'complete, shared with {n} peer while it is watched',
      other: 'complete, shared with {n} peers while it is watched',
    } as Counted,
    here: '{percent} % of the file is here',
  },
  waiting: {
    asking: 'Asking the server.',
    metadata: 'Asking peers what is in the torrent.',
    permit: 'Waiting for a turn and for room on the disk.',
    peers: 'Looking for peers who have the file.',
    node: 'On the disk of another node.',
    path: 'A file of this server.',
    disk: 'On this server’s disk.',
    redirect: 'A direct link: your browser fetches it from where it is.',
    relay: 'A film of another server, sent through this one.',
  },
}
