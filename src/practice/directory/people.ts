/** A person who can sign in. */
export interface User {
  readonly id: string;
  /** User principal name. */
  readonly upn: string;
  readonly givenName: string;
  readonly familyName: string;
  /** Description on the sign-in pages. */
  readonly about: string;
}

export const USERS: readonly User[] = [
  {
    id: "ada10000-5d3a-4f0e-8a51-0d9a1b2c3d01",
    upn: "ada@contoso.com",
    givenName: "Ada",
    familyName: "Lovelace",
    about: "Reads and writes the lake, owns the subscription",
  },
  {
    id: "9eace000-5d3a-4f0e-8a51-0d9a1b2c3d02",
    upn: "grace@contoso.com",
    givenName: "Grace",
    familyName: "Hopper",
    about: "Reads the lake",
  },
  {
    id: "3a800000-5d3a-4f0e-8a51-0d9a1b2c3d03",
    upn: "max@contoso.com",
    givenName: "Max",
    familyName: "Planck",
    about: "Sees that the account exists, but no data in it",
  },
  {
    id: "3a2f0000-5d3a-4f0e-8a51-0d9a1b2c3d04",
    upn: "mary@contoso.com",
    givenName: "Mary",
    familyName: "Jackson",
    about: "One of the analysts: sees what an access list opens to them, and nothing else",
  },
];

export function displayName(user: User): string {
  return `${user.givenName} ${user.familyName}`;
}

export function findUser(name: string): User | undefined {
  const requested = name.trim().toLowerCase();
  return USERS.find((user) => user.upn === requested || user.id === requested);
}
