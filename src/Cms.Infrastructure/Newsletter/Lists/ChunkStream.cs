namespace Cms.Infrastructure.Newsletter.Lists;

/// <summary>
/// The file of an import, read piece by piece: one piece is in memory, and no connection is held between two. It is read forwards and asynchronously, so what
/// a stream may refuse that can neither seek nor be written is refused, as the class's own contract asks.
/// </summary>
internal sealed class ChunkStream(ImportStore store, Guid import) : Stream
{
    private byte[] chunk = [];
    private int next, at;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (at == chunk.Length)
        {
            if (await store.Chunk(import, next, cancellationToken) is not { } bytes) return 0;
            (chunk, at, next) = (bytes, 0, next + 1);
        }

        var length = Math.Min(buffer.Length, chunk.Length - at);
        chunk.AsMemory(at, length).CopyTo(buffer);
        at += length;
        return length;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Nothing here waits for the database by a thread.");

    public override void Flush()
    {
        // There is nothing to write: of a stream that is only read, this does nothing.
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
