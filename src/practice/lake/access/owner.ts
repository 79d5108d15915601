/** Who owns what no user or application made, in the words of Azure. */
export const SUPER_USER = "$superuser";
