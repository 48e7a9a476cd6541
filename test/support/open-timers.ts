/** How many timers of this process keep it from ending. */
export const openTimers = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
