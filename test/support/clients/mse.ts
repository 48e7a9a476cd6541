import { createDiffieHellman } from 'node:crypto'
import { sha1 } from '../swarm/payload.ts'

/** The 768-bit prime of the message stream encryption that BitTorrent clients share; generator 2. */
const PRIME =
  'ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404' +
  'ddef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a63a36210000000000090563'
const KEY_BYTES = 96

export interface MseResponder {
  /** Bytes as they came in; gives the plain bytes that are ready by now. */
  feed(chunk: Buffer): Buffer
  /** What to write instead of plain bytes, once the handshake is over. */
  seal(plain: Buffer): Buffer
}

/**
 * The answering side of the encrypted handshake. It takes plaintext after it where the other side
 * offers that, else RC4: WebTorrent knocks like this only, and has no plain second try.
 */
export function createMseResponder(infoHash: Buffer, send: (bytes: Buffer) => void): MseResponder {
  const dh = createDiffieHellman(PRIME, 'hex', Buffer.from([2]))
  const ours = leftPadded(dh.generateKeys())
  let pending: Buffer = Buffer.alloc(0)
  let secret: Buffer | undefined
  let opened = false
  let decrypt: Cipher = (bytes) => bytes
  let encrypt: Cipher = (bytes) => bytes

  const agree = (): void => {
    if (pending.length < KEY_BYTES) return
    secret = leftPadded(dh.computeSecret(pending.subarray(0, KEY_BYTES)))
    pending = pending.subarray(KEY_BYTES)
    send(ours)
  }
  const open = (shared: Buffer): Buffer => {
    const mark = sha1(Buffer.concat([Buffer.from('req1'), shared]))
    const at = pending.indexOf(mark)
    // the whole third message comes in one write: mark, key hash, 8 + 4 + 2 + pad + 2 + payload
    if (at < 0 || pending.length < at + 40 + 16) return Buffer.alloc(0)
    decrypt = rc4(sha1(Buffer.concat([Buffer.from('keyA'), shared, infoHash])))
    encrypt = rc4(sha1(Buffer.concat([Buffer.from('keyB'), shared, infoHash])))
    const plain = decrypt(pending.subarray(at + 40))
    const select = plain.readUInt32BE(8) & 1 ? 1 : 2
    const payloadAt = 14 + plain.readUInt16BE(12) + 2
    send(encrypt(Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, select, 0, 0])))
    opened = true
    pending = Buffer.alloc(0)
    if (select === 1) [decrypt, encrypt] = [(bytes) => bytes, (bytes) => bytes]
    return plain.subarray(payloadAt)
  }
  return {
    feed(chunk) {
      if (opened) return decrypt(chunk)
      pending = Buffer.concat([pending, chunk])
      if (!secret) agree()
      return secret ? open(secret) : Buffer.alloc(0)
    },
    seal: (plain) => encrypt(plain),
  }
}

type Cipher = (bytes: Buffer) => Buffer

const leftPadded = (key: Buffer): Buffer =>
  Buffer.concat([Buffer.alloc(KEY_BYTES - key.length), key])

/** RC4 with its first 1024 bytes thrown away; OpenSSL 3 no longer offers it. */
function rc4(key: Buffer): Cipher {
  const s = Uint8Array.from({ length: 256 }, (_, n) => n)
  const swap = (a: number, b: number): void => {
    const kept = s[a] ?? 0
    s[a] = s[b] ?? 0
    s[b] = kept
  }
  for (let i = 0, j = 0; i < 256; i++) {
    j = (j + (s[i] ?? 0) + (key[i % key.length] ?? 0)) & 255
    swap(i, j)
  }
  let i = 0
  let j = 0
  const cipher: Cipher = (bytes) =>
    Buffer.from(
      bytes.map((byte) => {
        i = (i + 1) & 255
        j = (j + (s[i] ?? 0)) & 255
        swap(i, j)
        return byte ^ (s[((s[i] ?? 0) + (s[j] ?? 0)) & 255] ?? 0)
      }),
    )
  cipher(Buffer.alloc(1024))
  return cipher
}

export interface MseInitiator {
  /** Bytes as they came in; gives the plain bytes that are ready by now. */
  feed(chunk: Buffer): Buffer
  /** Resolves with what seals plain bytes, once the other side has agreed. */
  readonly agreed: Promise<(plain: Buffer) => Buffer>
}

/** The asking side, which offers RC4 alone. `first` goes with the handshake, as BitTorrent's own does. */
export function createMseInitiator(
  infoHash: Buffer,
  send: (bytes: Buffer) => void,
  first: Buffer,
): MseInitiator {
  const dh = createDiffieHellman(PRIME, 'hex', Buffer.from([2]))
  const agreed = Promise.withResolvers<(plain: Buffer) => Buffer>()
  let pending: Buffer = Buffer.alloc(0)
  let ciphers: { readonly encrypt: Cipher; readonly decrypt: Cipher; mark: Buffer } | undefined
  let isOpen = false
  send(leftPadded(dh.generateKeys()))

  const ask = (): void => {
    if (pending.length < KEY_BYTES) return
    const shared = leftPadded(dh.computeSecret(pending.subarray(0, KEY_BYTES)))
    pending = pending.subarray(KEY_BYTES)
    const key = (name: string, more: Buffer): Buffer =>
      sha1(Buffer.concat([Buffer.from(name), more]))
    const encrypt = rc4(key('keyA', Buffer.concat([shared, infoHash])))
    const decrypt = rc4(key('keyB', Buffer.concat([shared, infoHash])))
    ciphers = { encrypt, decrypt, mark: decrypt(Buffer.alloc(8)) }
    const [of2, of3] = [key('req2', infoHash), key('req3', shared)]
    const offer = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, first.length])
    const hidden = Buffer.from(of2.map((byte, n) => byte ^ (of3[n] ?? 0)))
    send(Buffer.concat([key('req1', shared), hidden, encrypt(Buffer.concat([offer, first]))]))
  }
  return {
    agreed: agreed.promise,
    feed(chunk) {
      if (isOpen && ciphers) return ciphers.decrypt(chunk)
      pending = Buffer.concat([pending, chunk])
      if (!ciphers) ask()
      if (!ciphers) return Buffer.alloc(0)
      const { encrypt, decrypt, mark } = ciphers
      const at = pending.indexOf(mark)
      // The mark, which method, the length of a pad; webtorrent sends none.
      if (at < 0 || pending.length < at + 14) return Buffer.alloc(0)
      decrypt(pending.subarray(at + 8, at + 14))
      isOpen = true
      agreed.resolve(encrypt)
      return decrypt(pending.subarray(at + 14))
    },
  }
}
