declare module 'webtorrent' {
  const WebTorrent: new (options: object) => import('./webtorrent-types.ts').WtClient
  // biome-ignore lint/style/noDefaultExport: that is what webtorrent exports
  export default WebTorrent
}
