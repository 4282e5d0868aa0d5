/** A profile's name on this device: 12 characters, made at random, known to nobody else. */
export const match = (param: string): boolean => /^[a-z0-9]{12}$/.test(param);
