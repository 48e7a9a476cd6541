import { expect, test } from '@jest/globals'
import { dhtNodes, trackerUrls } from '../../config/network-values.ts'

test.each(['', 'dht.example.org', 'dht.example.org:0', '::1:6881', 'a:1:2', 'x y:1', 'a:70000'])(
  'DHT_BOOTSTRAP refuses %j',
  (text) => {
    expect(() => dhtNodes(text, '/')).toThrow(/must/)
  },
)

test.each(['', 'ftp://t.example/announce', 'http://u:p4ss@t.example/announce', 'announce'])(
  'TRACKERS refuses %j, and shows nothing of it',
  (text) => {
    expect(() => trackerUrls(text, '/')).toThrow(/must be/)
    expect(() => trackerUrls(text, '/')).not.toThrow(/p4ss/)
  },
)
