declare module 'webtorrent' {
  const WebTorrent: new (options: object) => import('./webtorrent-types.ts').WtClient
  // biome-ignore lint/style/noDefaultExport: that is what webtorrent exports
  export default WebTorrent
}

declare module 'bittorrent-protocol' {
  const Wire: {
    new (type: string, encryption: 0 | 1 | 2): { readonly _encryptor: object }
    readonly prototype: import('./webtorrent-types.ts').WtWireInternals
  }
  // biome-ignore lint/style/noDefaultExport: that is what the library exports
  export default Wire
}

declare module 'bencode' {
  const bencode: import('./webtorrent-types.ts').WtBencode
  // biome-ignore lint/style/noDefaultExport: that is what the library exports
  export default bencode
}
