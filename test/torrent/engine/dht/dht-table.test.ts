import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { DhtTableFile, readDhtTable } from '../../../../torrent/engine/dht/dht-table.ts'

const nodeId = 'ab'.repeat(20)
const nodes = ['[2001:db8::1]:6881', '192.0.2.1:6881', '192.0.2.2:80']
let folder = ''
let path = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-dht-'))
  path = join(folder, '.dht.json')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

function node(known: readonly string[] = nodes) {
  const asked: string[] = []
  const dht = {
    nodeId: Buffer.from(nodeId, 'hex'),
    nodes: known,
    addNode: ({ host, port }: { host: string; port: number }): void => {
      asked.push(host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)
    },
  }
  return { dht, asked }
}

describe('the table of the DHT', () => {
  test('what one process leaves the next one asks, with the same id', async () => {
    await new DhtTableFile(path, node().dht, undefined).close()
    const kept = await readDhtTable(path)
    expect(kept).toEqual({ nodeId, nodes })
    const next = node()
    const file = new DhtTableFile(path, next.dht, kept)
    expect(next.asked).toEqual(nodes)
    await file.close()
  })

  test('an empty one does not replace what is known', async () => {
    await new DhtTableFile(path, node().dht, undefined).close()
    const before = await readFile(path, 'utf8')
    await new DhtTableFile(path, node([]).dht, undefined).close()
    expect(await readFile(path, 'utf8')).toBe(before)
  })

  test('a folder that is gone is no failure', async () => {
    await rm(folder, { recursive: true })
    await new DhtTableFile(path, node().dht, undefined).close()
    expect(await readDhtTable(path)).toBeUndefined()
  })

  test('a pipe in its place holds nobody up', async () => {
    execFileSync('mkfifo', [path])
    expect(await readDhtTable(path)).toBeUndefined()
  })

  test('a link in its place is not followed, neither to read nor to write', async () => {
    const theirs = join(folder, 'theirs')
    await writeFile(theirs, JSON.stringify({ nodeId, nodes }))
    await symlink(theirs, path)
    expect(await readDhtTable(path)).toBeUndefined()
    await symlink(theirs, `${path}.new`)
    const before = await readFile(theirs, 'utf8')
    await new DhtTableFile(path, node(['192.0.2.9:9']).dht, undefined).close()
    expect(await readFile(theirs, 'utf8')).toBe(before)
  })

  test.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['null', 'null'],
    ['no id', JSON.stringify({ nodes })],
    ['an id that is none', JSON.stringify({ nodeId: 'x'.repeat(40), nodes })],
    ['more than 64 KiB', JSON.stringify({ nodeId, nodes, more: 'x'.repeat(70_000) })],
  ])('%s: as if there were none', async (_what, text) => {
    await writeFile(path, text)
    expect(await readDhtTable(path)).toBeUndefined()
  })

  test('what is no address with a port is left out', async () => {
    const bad = ['[2001:db8::1]', '192.0.2.1', 'router.example:6881', 5, null, '192.0.2.1:0']
    await writeFile(path, JSON.stringify({ nodeId, nodes: [...bad, ...nodes] }))
    expect((await readDhtTable(path))?.nodes).toEqual(nodes)
    await writeFile(path, JSON.stringify({ nodeId, nodes: 'all' }))
    expect((await readDhtTable(path))?.nodes).toEqual([])
  })
})
