import { describe, expect, test } from '@jest/globals'
import { SmartBan } from '../../../../torrent/engine/peers/smart-ban.ts'

const good = Buffer.from('aaaabbbbcccc')
const from = (piece: number, peers: string): { peer: string; block: Block }[] =>
  [...peers].map((peer, i) => ({ peer, block: { piece, offset: i * 4, length: 4 } }))
interface Block {
  piece: number
  offset: number
  length: number
}

describe('SmartBan', () => {
  test('convicts who sent other bytes, nobody else', () => {
    const smartBan = new SmartBan()
    smartBan.recordBad(Buffer.from('aaaaXbbbcccc'), from(1, 'hlh'))
    expect(smartBan.corruptPeers(1, good)).toEqual(['l'])
  })

  test('several bad tries are all remembered, each liar named once', () => {
    const smartBan = new SmartBan()
    smartBan.recordBad(Buffer.from('Xaaabbbbcccc'), from(1, 'lhh'))
    smartBan.recordBad(Buffer.from('aaaabbbXXccc'), from(1, 'hml'))
    expect([...smartBan.corruptPeers(1, good)].sort()).toEqual(['l', 'm'])
  })

  test('remembers bytes as they were: the buffer is used again', () => {
    const smartBan = new SmartBan()
    const bad = Buffer.from('Xaaabbbbcccc')
    smartBan.recordBad(bad, from(1, 'lhh'))
    good.copy(bad)
    expect(smartBan.corruptPeers(1, good)).toEqual(['l'])
  })

  test('a piece is judged once; one that never failed convicts nobody', () => {
    const smartBan = new SmartBan()
    smartBan.recordBad(Buffer.from('Xaaabbbbcccc'), from(1, 'lhh'))
    expect(smartBan.corruptPeers(2, good)).toEqual([])
    expect(smartBan.corruptPeers(1, good)).toEqual(['l'])
    expect(smartBan.corruptPeers(1, good)).toEqual([])
  })

  test('nothing to remember is no fault', () => {
    const smartBan = new SmartBan()
    smartBan.recordBad(Buffer.alloc(0), [])
    expect(smartBan.corruptPeers(0, good)).toEqual([])
  })

  test('the oldest of more than 64 pieces is forgotten', () => {
    const smartBan = new SmartBan()
    for (let piece = 0; piece <= 64; piece++) {
      smartBan.recordBad(Buffer.from('Xaaabbbbcccc'), from(piece, 'lhh'))
    }
    expect(smartBan.corruptPeers(0, good)).toEqual([])
    expect(smartBan.corruptPeers(1, good)).toEqual(['l'])
  })
})
