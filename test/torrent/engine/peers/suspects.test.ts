import { describe, expect, test } from '@jest/globals'
import { createSuspects } from '../../../../torrent/engine/peers/suspects.ts'

const good = Buffer.from('aaaabbbbcccc')
const from = (piece: number, peers: string): { peer: string; block: Block }[] =>
  [...peers].map((peer, i) => ({ peer, block: { piece, offset: i * 4, length: 4 } }))
interface Block {
  piece: number
  offset: number
  length: number
}

describe('createSuspects', () => {
  test('convicts who sent other bytes, nobody else', () => {
    const suspects = createSuspects()
    suspects.remember(Buffer.from('aaaaXbbbcccc'), from(1, 'hlh'))
    expect(suspects.convict(1, good)).toEqual(['l'])
  })

  test('several bad tries are all remembered, each liar named once', () => {
    const suspects = createSuspects()
    suspects.remember(Buffer.from('Xaaabbbbcccc'), from(1, 'lhh'))
    suspects.remember(Buffer.from('aaaabbbXXccc'), from(1, 'hml'))
    expect([...suspects.convict(1, good)].sort()).toEqual(['l', 'm'])
  })

  test('remembers bytes as they were: the buffer is used again', () => {
    const suspects = createSuspects()
    const bad = Buffer.from('Xaaabbbbcccc')
    suspects.remember(bad, from(1, 'lhh'))
    good.copy(bad)
    expect(suspects.convict(1, good)).toEqual(['l'])
  })

  test('a piece is judged once; one that never failed convicts nobody', () => {
    const suspects = createSuspects()
    suspects.remember(Buffer.from('Xaaabbbbcccc'), from(1, 'lhh'))
    expect(suspects.convict(2, good)).toEqual([])
    expect(suspects.convict(1, good)).toEqual(['l'])
    expect(suspects.convict(1, good)).toEqual([])
  })

  test('nothing to remember is no fault', () => {
    const suspects = createSuspects()
    suspects.remember(Buffer.alloc(0), [])
    expect(suspects.convict(0, good)).toEqual([])
  })

  test('the oldest of more than 64 pieces is forgotten', () => {
    const suspects = createSuspects()
    for (let piece = 0; piece <= 64; piece++) {
      suspects.remember(Buffer.from('Xaaabbbbcccc'), from(piece, 'lhh'))
    }
    expect(suspects.convict(0, good)).toEqual([])
    expect(suspects.convict(1, good)).toEqual(['l'])
  })
})
