/** Where this browser stopped in each film. */

const SAVE_MS = 5000
/** Seconds: what is nearer to the beginning or the end is not worth coming back to. */
const EDGE = 30

/** @param film any name that is equal for the same film */
export function resumeOf(film) {
  const key = `watch ${film}`
  const read = () => {
    try {
      return Number(localStorage.getItem(key)) || 0
    } catch {
      return 0
    }
  }
  let savedAt = 0
  return {
    /** Seconds, or 0. */
    at: read(),
    save(video) {
      if (performance.now() - savedAt < SAVE_MS) return
      savedAt = performance.now()
      const { currentTime, duration } = video
      const isWithin = currentTime > EDGE && currentTime < duration - EDGE
      try {
        if (isWithin) localStorage.setItem(key, String(Math.floor(currentTime)))
        else localStorage.removeItem(key)
      } catch {
        // A browser that keeps nothing begins at the beginning.
      }
    },
  }
}
