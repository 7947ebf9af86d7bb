// The package leaves the list of threads to the application that embeds it.
export const makeTable = (pool) =>
  pool.query("CREATE TABLE threads (thread_id uuid PRIMARY KEY, metadata jsonb NOT NULL)");

const put = `INSERT INTO threads VALUES ($1, $2)
  ON CONFLICT (thread_id) DO UPDATE SET metadata = excluded.metadata RETURNING *`;
const patch = "UPDATE threads SET metadata = metadata || $2 WHERE thread_id = $1 RETURNING *";

export const inTable = (pool) => ({
  async get(id) {
    return (await pool.query("SELECT * FROM threads WHERE thread_id = $1", [id])).rows[0];
  },
  async set(id, { kind, metadata = {} }) {
    return (await pool.query(kind === "put" ? put : patch, [id, metadata])).rows[0];
  },
  async delete(id) {
    await pool.query("DELETE FROM threads WHERE thread_id = $1", [id]);
  },
});

export function inMemory() {
  const all = new Map();
  return {
    get: async (id) => all.get(id),
    async set(id, { kind, metadata = {} }) {
      const before = kind === "patch" ? all.get(id)?.metadata : {};
      all.set(id, { thread_id: id, metadata: { ...before, ...metadata } });
      return all.get(id);
    },
    delete: async (id) => void all.delete(id),
  };
}
