import { describe, expect, test } from '@jest/globals'
import { createPlayTrace, serverTiming } from '../../../player/trace/play-trace.ts'

describe('the trace of a play', () => {
  test('each step since the one before it, in the order they were done', () => {
    let now = 100
    const trace = createPlayTrace({ steady: () => now })
    now = 101.5
    trace.done('sources')
    now = 110
    trace.done('cache')
    now = 150
    trace.done('byte')
    trace.doneAt('piece', 149)
    trace.doneAt('peer', 120)
    trace.done('sources')
    expect(trace.steps).toEqual([
      { step: 'sources', ms: 1.5 },
      { step: 'cache', ms: 8.5 },
      { step: 'peer', ms: 10 },
      { step: 'piece', ms: 29 },
      { step: 'byte', ms: 1 },
    ])
    expect(serverTiming(trace)).toBe(
      'sources;dur=1.5, cache;dur=8.5, peer;dur=10, piece;dur=29, byte;dur=1',
    )
  })

  test('what was there before the request took none of its time', () => {
    const trace = createPlayTrace({ steady: () => 100 })
    trace.doneAt('peer', 99)
    trace.doneAt('piece', undefined)
    expect(trace.steps).toEqual([])
    expect(serverTiming(trace)).toBe('')
  })

  test('counts where it stood still', () => {
    const trace = createPlayTrace({ steady: () => 0 })
    trace.stalled(300.4)
    trace.stalled(700)
    expect(trace).toMatchObject({ stalls: 2, stalledMs: 1000 })
  })
})
