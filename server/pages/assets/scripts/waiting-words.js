import { duration, rate, size } from './format.js'
import { counted, fill, words } from './words.js'

/** What is left to come, in words; nothing while no byte comes. */
export function speedLine({ size: whole, percent, peers, bytesPerSecond }) {
  const { downloading } = words.progress
  const speed = rate(bytesPerSecond)
  const who = counted(downloading.peers, peers)
  if (percent === undefined) return [downloading.larger, speed, who].join(' · ')
  if (percent >= 100) return counted(downloading.complete, peers)
  const time = duration(Math.max(1, (whole * (100 - percent)) / 100 / bytesPerSecond))
  const rest = bytesPerSecond > 0 ? [fill(downloading.left, { time })] : []
  return [fill(downloading.share, { percent, size: size(whole) }), speed, who, ...rest].join(' · ')
}

/** What a step of the server means to who waits for it. */
export function wordsFor(state) {
  const { waiting } = words.progress
  switch (state.stage) {
    case 'metadata':
      return waiting.metadata
    case 'waiting':
      return waiting.permit
    case 'arriving':
      return state.peers > 0 ? `${speedLine(state)}.` : waiting.peers
    case 'ready':
      if (state.from === 'node') return waiting.node
      return state.from === 'path' ? waiting.path : waiting.disk
    case 'redirect':
      return waiting.redirect
    case 'relay':
      return waiting.relay
    default:
      return waiting.asking
  }
}
