import { describe, expect, test } from '@jest/globals'
import { DownloadSpeed } from '../../../../torrent/engine/peers/download-speed.ts'

describe('DownloadSpeed', () => {
  test('knows nothing within the first second, then the second’s mean', () => {
    const speed = new DownloadSpeed(0)
    speed.add(5000, 500)
    expect(speed.bytesPerSecond).toBe(0)
    speed.add(5000, 2000)
    expect(speed.bytesPerSecond).toBe(5000)
  })

  test('each second stands for itself', () => {
    const speed = new DownloadSpeed(0)
    speed.add(9000, 1000)
    speed.add(100, 1500)
    expect(speed.bytesPerSecond).toBe(9000)
    speed.add(100, 2000)
    expect(speed.bytesPerSecond).toBe(200)
  })

  test('when nothing comes any more it is zero', () => {
    const speed = new DownloadSpeed(0)
    speed.add(9000, 1000)
    speed.add(0, 2000)
    expect(speed.bytesPerSecond).toBe(0)
  })
})
