import { fill, words } from './words.js'

/** A row of cells, one for each stretch of a file, filled as its pieces arrive. */
export function createStrip() {
  const canvas = document.createElement('canvas')
  canvas.className = 'strip'
  canvas.height = 1
  canvas.setAttribute('role', 'img')
  return {
    canvas,
    /** @param {{ pieces: readonly number[], percent?: number }} arrival pieces 0 to 255 each */
    show({ pieces, percent }) {
      canvas.hidden = pieces.length === 0
      canvas.setAttribute('aria-label', fill(words.progress.downloading.here, { percent }))
      canvas.width = Math.max(1, pieces.length)
      const ink = canvas.getContext('2d')
      // Read each time: the colours change with the light or dark scheme.
      ink.fillStyle = getComputedStyle(canvas).color
      pieces.forEach((amount, cell) => {
        ink.globalAlpha = amount / 255
        ink.fillRect(cell, 0, 1, 1)
      })
    },
  }
}
