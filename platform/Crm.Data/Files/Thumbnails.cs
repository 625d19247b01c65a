using Crm.Metadata;

namespace Crm.Data;

/// <summary>What became of a picture that was to be shown small.</summary>
/// <param name="Content">The small picture; null where the picture itself is to be shown.</param>
/// <param name="Type">Of which type the small picture is.</param>
public sealed record Thumbnail(byte[]? Content, string Type);

/// <summary>
/// Pictures made small and kept beside the files. PNG, GIF, JPEG, WebP and BMP are made smaller; other kinds are shown as they are where they are not too large.
/// Content comes from anybody: sizes are known before anything is unpacked, and few are worked on at once.
/// </summary>
public sealed class Thumbnails(FileArea area) : IDisposable
{
    /// <summary>Larger pictures are not drawn small.</summary>
    private const long MaxSource = 10L * 1024 * 1024;

    private const int MaxPixels = 40_000_000, MaxSide = 30_000;

    /// <summary>A picture that is no larger than this is as good as one made for the purpose.</summary>
    private const int SmallEnough = 16 * 1024;

    /// <summary>Kept in place of a picture that cannot be read, so that nobody tries again; nothing at all is kept for one that is shown as it is.</summary>
    private static readonly byte[] Broken = [0];

    private readonly SemaphoreSlim _free = new(2);

    /// <summary>The sizes that are kept; others are rounded up.</summary>
    internal static IReadOnlyList<int> Sizes { get; } = [64, 128, 256, 512, 1024, 2048];

    /// <summary>The picture of a file, at most <paramref name="size"/> wide and high; null if it has none that can be shown small.</summary>
    /// <exception cref="FileNotFoundException">The content is gone.</exception>
    public async Task<Thumbnail?> FindAsync(StoredFile file, int size, CancellationToken cancellationToken = default)
    {
        if (!FileKinds.IsPicture(file.Type) || file.Size > MaxSource || (long)(file.Width ?? 0) * (file.Height ?? 0) > MaxPixels)
        {
            return null;
        }
        var kept = Sizes.First(s => s >= Math.Min(size, Sizes[^1]));
        if (file.Type is not ("image/png" or "image/gif" or "image/jpeg" or "image/webp" or "image/bmp") || (Math.Max(file.Width ?? int.MaxValue, file.Height ?? int.MaxValue) <= kept && file.Size <= SmallEnough))
        {
            return new(null, file.Type);
        }
        var type = file.Type is "image/jpeg" or "image/webp" ? file.Type : "image/png";
        if (await area.ReadThumbnailAsync(file.Id, kept, cancellationToken) is { } known)
        {
            return known.Length == Broken.Length ? null : Made(known);
        }
        await _free.WaitAsync(cancellationToken);
        try
        {
            var made = Reduce(await area.ReadAsync(file.Id, cancellationToken), file.Type, kept);
            await area.WriteThumbnailAsync(file.Id, kept, made ?? [], cancellationToken);
            return Made(made ?? []);
        }
#pragma warning disable CA1031 // Whatever is wrong inside a picture that somebody sent, it is only not shown.
        catch (Exception e) when (e is not (OperationCanceledException or IOException))
#pragma warning restore CA1031
        {
            await area.WriteThumbnailAsync(file.Id, kept, Broken, cancellationToken);
            return null;
        }
        finally
        {
            _free.Release();
        }

        Thumbnail Made(byte[] content) => content.Length == 0 ? new(null, file.Type) : new(content, type);
    }

    public void Dispose() => _free.Dispose();

    /// <summary>Null for a picture of a kind that is not made smaller.</summary>
    internal static byte[]? Reduce(byte[] content, string type, int size)
    {
        // What the header says inside decides, whatever was noted of it.
        if (FileKinds.SizeOf(content) is not var (width, height) || width is < 1 or > MaxSide || height is < 1 or > MaxSide || width * height > MaxPixels)
        {
            throw new InvalidDataException("The picture is too large to be made smaller.");
        }
        return type switch
        {
            "image/png" => PngPictures.Reduce(content, size),
            "image/gif" => GifPictures.Reduce(content, size),
            "image/webp" or "image/bmp" => SkiaPictures.Reduce(content, size),
            _ => JpegPictures.Reduce(content, size),
        };
    }
}
