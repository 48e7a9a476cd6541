import { speedLine } from './arrivals.js'

/** What a step of the server means to who waits for it. */
export function wordsFor(state) {
  switch (state.stage) {
    case 'metadata':
      return 'Asking peers what is in the torrent.'
    case 'waiting':
      return 'Waiting for a turn and for room on the disk.'
    case 'arriving':
      return state.peers > 0 ? `${speedLine(state)}.` : 'Looking for peers who have the file.'
    case 'ready':
      if (state.from === 'node') return 'On the disk of another node.'
      return state.from === 'path' ? 'A file of this server.' : 'On this server’s disk.'
    case 'redirect':
      return 'A direct link: your browser fetches it from where it is.'
    case 'relay':
      return 'A film of another server, sent through this one.'
    default:
      return 'Asking the server.'
  }
}
