import { keep, kept } from './kept.js'

/** Where this browser stopped in each film. */

const SAVE_MS = 5000
/** Seconds: what is nearer to the beginning or the end is not worth coming back to. */
const EDGE = 30

/** @param film any name that is equal for the same film */
export function resumeOf(film) {
  const key = `watch ${film}`
  let savedAt = 0
  let isOver = false
  return {
    /** Seconds, or 0. */
    at: Number(kept(key)) || 0,
    /** It has been seen. */
    forget() {
      isOver = true
      keep(key, undefined)
    },
    save(video) {
      if (isOver || performance.now() - savedAt < SAVE_MS) return
      savedAt = performance.now()
      const { currentTime, duration } = video
      const isWithin = currentTime > EDGE && currentTime < duration - EDGE
      keep(key, isWithin ? String(Math.floor(currentTime)) : undefined)
    },
  }
}
