import { Socket } from 'node:net'
import { expect, jest, test } from '@jest/globals'
import { rehearseTracker } from '../../../../torrent/engine/trackers/rehearsal.ts'

test('a tracker is asked and understood before the first play, and nobody is connected to', async () => {
  const connect = jest.spyOn(Socket.prototype, 'connect')
  try {
    const [first, second] = [await rehearseTracker(), await rehearseTracker()]
    expect(first).toMatchObject({ peers: ['127.0.0.1:6881'], interval: 1800 })
    expect(second).toEqual(first)
    expect(connect).not.toHaveBeenCalled()
  } finally {
    connect.mockRestore()
  }
})
