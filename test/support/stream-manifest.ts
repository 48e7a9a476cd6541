/** The manifest of another addon that has streams of films, and nothing else. */
export const streamManifest = {
  id: 'x',
  name: 'x',
  version: '1.0.0',
  types: ['movie'],
  resources: ['stream'],
} as const
