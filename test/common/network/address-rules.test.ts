import { describe, expect, test } from '@jest/globals'
import { createAddressRules, parseAllow } from '../../../common/network/address-rules.ts'

const strict = createAddressRules([])

describe('without OUTBOUND_ALLOW', () => {
  test.each([
    '8.8.8.8',
    '1.1.1.1',
    '172.32.0.1',
    '2606:4700:4700::1111',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
    '2002:808:808::1',
    '0x08080808',
    '134744072',
  ])('%s is public', (address) => {
    expect(strict.allows(address, 443)).toBe(true)
  })

  test.each([
    ['loopback', ['127.0.0.1', '127.255.255.254', '::1', '0:0:0:0:0:0:0:1']],
    ['unspecified', ['0.0.0.0', '0.1.2.3', '::']],
    ['private', ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fd00::1', 'fec0::1']],
    ['link-local', ['169.254.169.254', 'fe80::1', 'fe80::1%eth0']],
    ['shared and reserved', ['100.64.0.1', '192.0.0.1', '198.18.0.1', '203.0.113.5', '240.0.0.1']],
    ['broadcast and multicast', ['255.255.255.255', '224.0.0.1', '239.192.152.143', 'ff02::1']],
    ['IPv6 outside what was given out', ['2001:db8::1', '3fff::1', '4000::1', '100::1', '5f00::1']],
    ['octal, hex, decimal and short', ['0177.0.0.1', '0x7f.1', '2130706433', '017700000001']],
    ['short forms', ['127.1', '10.1', '0', '127.0.1', '192.168.257']],
    ['mapped', ['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.0.0.1', '0::ffff:a9fe:a9fe']],
    ['compatible and translated', ['::127.0.0.1', '::7f00:1', '::ffff:0:127.0.0.1']],
    ['NAT64', ['64:ff9b::127.0.0.1', '64:ff9b::a00:1', '64:ff9b:1::808:808']],
    ['6to4', ['2002:7f00:1::', '2002:a9fe:a9fe::1', '2002:c0a8:101::5']],
    // Server 8.8.8.8, client 127.0.0.1 (bits inverted); then server 127.0.0.1, client 8.8.8.8.
    ['Teredo', ['2001:0:808:808:0:0:80ff:fffe', '2001:0:7f00:1:0:0:f7f7:f7f7']],
    ['no address at all', ['', 'localhost', '127.0.0.1 ', '256.1.1.1', '1.2.3.4.5', '08.8.8.8']],
    ['no address as the system reads it', ['::ffff:0177.0.0.1', '[::1]', '1::2::3', '8.8.8.8:80']],
  ])('%s is refused', (_kind, addresses) => {
    expect(addresses.filter((address) => strict.allows(address, 80))).toEqual([])
  })

  test.each([
    ['AWS, Google, Azure, Hetzner, DigitalOcean', ['169.254.169.254', '169.254.169.123']],
    ['AWS tasks and pods', ['169.254.170.2', '169.254.170.23', 'fd00:ec2::254', 'fd00:ec2::23']],
    ['Azure', ['168.63.129.16', '0xa83f8110', '2822734096']],
    ['Alibaba', ['100.100.100.200', '100.100.2.136', '100.100.2.138']],
    ['Oracle', ['192.0.0.192']],
    ['Google', ['fd20:ce::254']],
    ['Scaleway', ['169.254.42.42', 'fd00:42::42']],
    ['OpenStack', ['fe80::a9fe:a9fe']],
    ['mapped, NAT64, 6to4', ['::ffff:168.63.129.16', '64:ff9b::a83f:8110', '2002:a83f:8110::1']],
    ['Teredo', ['2001:0:a83f:8110:0:0:f7f7:f7f7', '2001:0:808:808:0:0:57c0:7eef']],
  ])('what the host of %s serves is refused', (_cloud, addresses) => {
    expect(addresses.filter((address) => strict.allows(address, 80))).toEqual([])
  })

  test('a Teredo address is public when server and client are', () => {
    expect(strict.allows('2001:0:808:808:0:0:f7f7:f7f7', 80)).toBe(true)
  })
})

describe('with OUTBOUND_ALLOW', () => {
  test('a CIDR allows its addresses in every form, and no others', () => {
    const rules = createAddressRules(['192.168.8.0/22', 'fd00::/8'])
    for (const address of ['192.168.9.9', '::ffff:192.168.9.9', '0xc0a80909', 'fdff::1']) {
      expect([address, rules.allows(address, 1)]).toEqual([address, true])
    }
    for (const address of ['192.168.7.255', '192.168.12.0', '10.0.0.1', 'fc00::1', '127.0.0.1']) {
      expect([address, rules.allows(address, 1)]).toEqual([address, false])
    }
    expect(rules.allows('8.8.8.8', 1)).toBe(true)
  })

  test('what a cloud serves to its own machines needs a rule of its own', () => {
    const wide = [
      '0.0.0.0/0',
      '100.64.0.0/10',
      '169.254.0.0/16',
      '::/0',
      'fd00::/8',
      '64:ff9b::/96',
    ]
    const rules = createAddressRules(wide)
    const served = ['169.254.169.254', '168.63.129.16', '100.100.100.200', '192.0.0.192']
    const six = ['fd00:ec2::254', 'fd20:ce::254', '64:ff9b::a9fe:a9fe', '::ffff:168.63.129.16']
    expect([...served, ...six].filter((address) => rules.allows(address, 80))).toEqual([])
    for (const address of ['100.100.100.201', '169.254.1.1', 'fd00::1', '64:ff9b::a00:1']) {
      expect([address, rules.allows(address, 80)]).toEqual([address, true])
    }
    const one = createAddressRules(['169.254.169.254/32:80', 'fd00:ec2::254'])
    expect(one.allows('169.254.169.254', 80)).toBe(true)
    expect(one.allows('::ffff:169.254.169.254', 80)).toBe(true)
    expect(one.allows('169.254.169.254', 81)).toBe(false)
    expect([one.allows('fd00:ec2::254', 1), one.allows('fd00:ec2::23', 1)]).toEqual([true, false])
  })

  test('a port allows that port only', () => {
    const rules = createAddressRules(['127.0.0.1/32:8080', '[::1/128]:6881', '[fd00::]:1'])
    expect(rules.allows('127.0.0.1', 8080)).toBe(true)
    expect(rules.allows('127.0.0.1', 8081)).toBe(false)
    expect([rules.allows('::1', 6881), rules.allows('::1', 80)]).toEqual([true, false])
    expect([rules.allows('fd00::', 1), rules.allows('fd00::1', 1)]).toEqual([true, false])
  })
})

describe('parseAllow', () => {
  test.each([
    ['10.0.0.0/8', 8, undefined],
    ['10.0.0.5', 32, undefined],
    ['10.0.0.5:80', 32, 80],
    ['10.0.0.0/8:65535', 8, 65535],
    ['0.0.0.0/0', 0, undefined],
    ['fd00::/8', 8, undefined],
    ['::1', 128, undefined],
    ['[::1]:80', 128, 80],
    ['[fd00::/8]', 8, undefined],
    ['::ffff:10.0.0.0/104', 104, undefined],
  ])('reads %s', (text, bits, port) => {
    expect(parseAllow(text)).toMatchObject({ bits, port })
  })

  test.each([
    '',
    'true',
    'localhost',
    'a.test/8',
    '10.0.0.0/33',
    '10.0.0/8',
    '0x0a000000/8',
    '010.0.0.0/8',
    '10.0.0.0/8:0',
    '10.0.0.0/8:65536',
    '10.0.0.0/8:',
    '10.0.0.0/',
    '10.0.0.0/-1',
    ' 10.0.0.0/8',
    '10.0.0.0/8,11.0.0.0/8',
    'fd00::/129',
    'fd00::/8:6881',
    '[10.0.0.0/8]:80',
    '[fd00::/8',
    '[::1%lo]:80',
  ])('refuses %j, and quotes it', (text) => {
    expect(() => parseAllow(text)).toThrow(`"${text}" must be a CIDR with an optional port`)
  })
})
