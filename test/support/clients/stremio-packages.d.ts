declare module 'stremio-addon-client' {
  interface InstalledAddon {
    readonly manifest: object
    isSupported(resource: string, type: string, id: string): boolean
    get(resource: string, type: string, id: string): Promise<{ streams: unknown[] }>
  }
  const client: { detectFromURL(url: string): Promise<{ readonly addon: InstalledAddon }> }
  export = client
}

declare module 'stremio-addon-linter' {
  const linter: {
    lintManifest(manifest: object): {
      readonly valid: boolean
      readonly errors: readonly Error[]
      readonly warnings: readonly Error[]
    }
  }
  export = linter
}
