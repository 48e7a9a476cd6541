/** Of the AAC that audio is converted to: samples a second, and samples of a frame (ISO 14496-3, AAC-LC). */
export const AAC_RATE = 48_000
export const AAC_FRAME = 1024

/** The frame of the whole film's audio that is nearest to that time. */
export const frameAt = (seconds: number): number => Math.round((seconds * AAC_RATE) / AAC_FRAME)

export const frameTime = (frame: number): number => (frame * AAC_FRAME) / AAC_RATE
