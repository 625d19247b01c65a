using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Text;
using Crm.Data;
using Crm.Metadata;
using Crm.Tests.Api;
using Crm.Tests.Databases;
using Shouldly;
using SkiaSharp;
using Xunit;

namespace Crm.Tests.Files;

/// <summary>Pictures are made small for lists; what is broken, hostile or too large is refused quickly.</summary>
public sealed class ThumbnailTests(FileServer server) : IClassFixture<FileServer>
{
    /// <summary>96 by 64 pixels as a browser writes them, the left half red, the right one blue.</summary>
    private static readonly byte[] Jpeg = Convert.FromBase64String("/9j/4AAQSkZJRgABAQAAAQABAAD/4gHYSUNDX1BST0ZJTEUAAQEAAAHIAAAAAAQwAABtbnRyUkdCIFhZWiAH4AABAAEAAAAAAABhY3NwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAA9tYAAQAAAADTLQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAlkZXNjAAAA8AAAACRyWFlaAAABFAAAABRnWFlaAAABKAAAABRiWFlaAAABPAAAABR3dHB0AAABUAAAABRyVFJDAAABZAAAAChnVFJDAAABZAAAAChiVFJDAAABZAAAAChjcHJ0AAABjAAAADxtbHVjAAAAAAAAAAEAAAAMZW5VUwAAAAgAAAAcAHMAUgBHAEJYWVogAAAAAAAAb6IAADj1AAADkFhZWiAAAAAAAABimQAAt4UAABjaWFlaIAAAAAAAACSgAAAPhAAAts9YWVogAAAAAAAA9tYAAQAAAADTLXBhcmEAAAAAAAQAAAACZmYAAPKnAAANWQAAE9AAAApbAAAAAAAAAABtbHVjAAAAAAAAAAEAAAAMZW5VUwAAACAAAAAcAEcAbwBvAGcAbABlACAASQBuAGMALgAgADIAMAAxADb/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/2wBDARESEhgVGC8aGi9jQjhCY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2P/wAARCABAAGADASIAAhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAAAAMF/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/EABYBAQEBAAAAAAAAAAAAAAAAAAAGBP/EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAMAwEAAhEDEQA/AMkBhVIAAACACyRIAAAC4CNWwAAACACyRIAAAC4CNWwAAACACyRIAAAC4CNWwAAACACyRIAAAD//2Q==");

    [Fact]
    public async Task A_picture_is_made_small_once_and_sent_with_a_tag_of_its_own()
    {
        var content = await File.ReadAllBytesAsync(Repository.File("platform", "docs", "images", "list.png"), TestContext.Current.CancellationToken);
        var sent = await FileServer.UploadAsync(server.Person, "list.png", content);
        sent.Status.ShouldBe(201, sent.Text);
        var url = sent.Headers.Location + "/thumbnail?size=200";

        var (first, tag) = await GetAsync(url);
        var (again, _) = await GetAsync(url);

        FileKinds.SizeOf(first)!.Value.Width.ShouldBe(256);
        first.Length.ShouldBeLessThan(content.Length);
        again.ShouldBe(first);
        tag.ShouldNotContain(sent.Json.GetProperty("sha256").GetString()! + "\"");
        using var known = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { { "If-None-Match", tag } } };
        (await server.Person.SendAsync(known, TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.NotModified);
    }

    [Fact]
    public async Task What_is_broken_has_none_and_what_is_not_made_smaller_is_shown_as_it_is()
    {
        var broken = await FileServer.UploadAsync(server.Person, "broken.png", Png(4000, 4000, 6, new byte[100]));
        var avif = await FileServer.UploadAsync(server.Person, "a.avif", [0, 0, 0, 28, .. "ftypavif"u8, .. new byte[20_000]]);

        for (var attempt = 0; attempt < 2; attempt++)
        {
            (await server.Person.ReadAsync(broken.Headers.Location + "/thumbnail?size=64")).Code.ShouldBe("file.noThumbnail");
        }
        (await GetAsync(avif.Headers.Location + "/thumbnail?size=64")).Content.Length.ShouldBe(20_012);
        (await server.Person.ReadAsync(broken.Headers.Location!.ToString())).Status.ShouldBe(200);
    }

    [Theory, NoDatabase]
    [InlineData(0, 8, 1)]
    [InlineData(0, 1, 1)]
    [InlineData(0, 16, 1)]
    [InlineData(2, 8, 3)]
    [InlineData(2, 16, 3)]
    [InlineData(3, 4, 1)]
    [InlineData(4, 8, 2)]
    [InlineData(6, 8, 4)]
    [InlineData(6, 16, 4)]
    public void Every_kind_of_png_keeps_its_colours_and_its_shape(byte color, byte depth, int samples)
    {
        var row = new byte[((300 * samples * depth) + 7) / 8 + 1];
        Array.Fill(row, (byte)0xFF, 1, row.Length - 1);
        var rows = Enumerable.Repeat(row, 150).SelectMany(r => r).ToArray();

        var small = Thumbnails.Reduce(Png(300, 150, color, rows, depth), "image/png", 64)!;

        FileKinds.SizeOf(small).ShouldBe((64, 32));
        // The last entry of the palette is white as well.
        Pixels(small).ShouldAllBe(b => b == 0xFF);
    }

    [Theory, NoDatabase]
    [InlineData(300, 150)]
    [InlineData(3, 3)]
    [InlineData(1, 200)]
    [InlineData(13, 7)]
    public void A_png_that_comes_in_passes_is_the_same_picture(int width, int height)
    {
        (int X, int Y, int StepX, int StepY)[] passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];
        byte[] rows = [.. passes.SelectMany(p => Places(p.Y, p.StepY, height).Where(_ => p.X < width).SelectMany(y => Places(p.X, p.StepX, width).SelectMany(x => Colour(x, y)).Prepend((byte)0)))];
        byte[] plain = [.. Enumerable.Range(0, height).SelectMany(y => Enumerable.Range(0, width).SelectMany(x => Colour(x, y)).Prepend((byte)0))];

        Pixels(Thumbnails.Reduce(Png(width, height, 2, rows, interlace: 1), "image/png", 64)!).ShouldBe(Pixels(Thumbnails.Reduce(Png(width, height, 2, plain), "image/png", 64)!));

        static IEnumerable<int> Places(int first, int step, int end) => Enumerable.Range(0, end).Where(i => i >= first && (i - first) % step == 0);

        static byte[] Colour(int x, int y) => [(byte)(x * 3), (byte)(y * 5), (byte)(x + y)];
    }

    [Theory, NoDatabase]
    [InlineData(200, 100, false)]
    [InlineData(200, 100, true)]
    [InlineData(5, 3, true)]
    [InlineData(1, 1, false)]
    public void A_gif_is_made_small_as_it_looks_and_what_is_seen_through_stays_so(int width, int height, bool interlaced)
    {
        // Left of the middle in red, right of it nothing.
        var small = Thumbnails.Reduce(Gif(width, height, interlaced, (x, _) => (byte)(x < (width + 1) / 2 ? 7 : 9), transparent: 9), "image/gif", 50)!;

        var (columns, rows) = FileKinds.SizeOf(small)!.Value;
        (columns, rows).ShouldBe((Math.Min(width, 50), Math.Min(height, width > 50 ? height * 50 / width : height)));
        foreach (var row in Pixels(small).Chunk(4 * columns))
        {
            row[..4].ShouldBe([255, 0, 7, 255]);
            row[^4..].ShouldBe(width == 1 ? [255, 0, 7, 255] : [0, 0, 0, 0]);
        }
    }

    [Fact, NoDatabase]
    public void The_rows_of_a_gif_that_comes_in_passes_stand_where_they_belong() =>
        Pixels(Thumbnails.Reduce(Gif(20, 37, interlaced: true, (x, y) => (byte)(x + y)), "image/gif", 64)!)
            .ShouldBe(Pixels(Thumbnails.Reduce(Gif(20, 37, interlaced: false, (x, y) => (byte)(x + y)), "image/gif", 64)!));

    /// <summary>60 by 60 in four colours, packed by another program with codes of 3 to 11 bits.</summary>
    [Fact, NoDatabase]
    public void A_gif_whose_codes_grow_is_read()
    {
        byte[][] palette = [[0, 0, 0, 255], [255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255]];
        var gif = Convert.FromBase64String("R0lGODlhPAA8AIEAAAAAAP8AAAD/AAAA/ywAAAAAPAA8AAAC/0Q0hprX65iMFNqH59W59u1xYkiC5oeOp5qW7eqyclxpdo1bt17uj68AHoS84i93NAaRxCZz+BSonEpoVRp9eDYdzTbTLX0lYcs4Uv6cF2nFOtGuvAFxwbyuvXAnXj2YX7KhIVhBaGH4gaigeMAo4PjgKJkxSBloeYgZqbnIWej5CDopMQNj+oJamkpzqurKutoK+ypbG3tbSpW0u3Q1FaXby2v1EUwsjHys7AvczGxijPU8LK3mRwZodo2WbY2xR9H3/Rcuts3W7XYOly63Ttdu946nPo5drm3PjZ8o6k/6CaCJUREqCdx00GDBgAszJWwECmFDiQsUVmR4ceC/iXydHobyiGuWSFu0QpIcaTJlyZUoWZ6sFS1mlmTVaMq8Qu1mzpnLdNrkWbOns5046zEAB0HcUXJJzelDx8+oA6QNVNyJdzWqu6fstMrjCs9rHrB1sjbV6JFgRooJVKhtixGuQ45xAViUy9ZuXbcb13ak+xFw3rt65/qFeLAAADs=");

        Pixels(Thumbnails.Reduce(gif, "image/gif", 64)!).ShouldBe(Enumerable.Range(0, 3600).SelectMany(i => palette[((i % 60 / 7 * (i / 60 / 5)) + (i % 60)) % 4]));
    }

    [Fact, NoDatabase]
    public void A_gif_that_is_cut_off_or_damaged_anywhere_ends_in_a_refusal_or_a_picture_and_soon()
    {
        var whole = Gif(40, 30, interlaced: true, (x, y) => (byte)(x * y));
        var dice = new Random(11);
        var (made, refused) = (0, 0);
        for (var i = 0; i < 600; i++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[dice.Next(13, damaged.Length)] = (byte)dice.Next(256);
            foreach (var content in new[] { damaged, whole[..dice.Next(13, whole.Length)] })
            {
                try
                {
                    FileKinds.SizeOf(Thumbnails.Reduce(content, "image/gif", 64)!).ShouldBe((40, 30));
                    made++;
                }
                catch (InvalidDataException)
                {
                    refused++;
                }
            }
        }
        Math.Min(made, refused).ShouldBeGreaterThan(50);
    }

    [Fact, NoDatabase]
    public void A_photograph_keeps_its_colours_and_is_turned_as_the_camera_says()
    {
        FileKinds.SizeOf(Thumbnails.Reduce(Jpeg, "image/jpeg", 64)!).ShouldBe((64, 42));
        Halves(Jpeg, 64, 42).ShouldBe(("red", "blue"));

        FileKinds.SizeOf(Thumbnails.Reduce(WithOrientation(3), "image/jpeg", 64)!).ShouldBe((64, 42));
        Halves(WithOrientation(3), 64, 42).ShouldBe(("blue", "red"));
        FileKinds.SizeOf(Thumbnails.Reduce(WithOrientation(6), "image/jpeg", 64)!).ShouldBe((42, 64));
        Halves(WithOrientation(99), 64, 42).ShouldBe(("red", "blue"));
    }

    [Fact, NoDatabase]
    public void A_photograph_that_is_cut_off_or_damaged_anywhere_ends_in_a_refusal_or_a_picture_and_soon()
    {
        var dice = new Random(7);
        var (made, refused) = (0, 0);
        for (var i = 0; i < 400; i++)
        {
            var damaged = (byte[])Jpeg.Clone();
            for (var hit = 0; hit < 1 + (i % 3); hit++)
            {
                damaged[dice.Next(2, damaged.Length)] = (byte)dice.Next(256);
            }
            foreach (var content in new[] { damaged, Jpeg[..dice.Next(Jpeg.Length)] })
            {
                if (FileKinds.SizeOf(content) is (> 2000, _) or (_, > 2000))
                {
                    continue;
                }
                try
                {
                    if (Thumbnails.Reduce(content, "image/jpeg", 64) is { } small)
                    {
                        FileKinds.SizeOf(small).ShouldSatisfyAllConditions(size => size!.Value.Width.ShouldBeInRange(1, 64), size => size!.Value.Height.ShouldBeInRange(1, 64));
                        made++;
                    }
                }
                catch (Exception e) when (e is not ShouldAssertException)
                {
                    refused++;
                }
            }
        }
        Math.Min(made, refused).ShouldBeGreaterThan(50);
    }

    [Theory, NoDatabase]
    [InlineData(60_000, 60_000, 6)]
    [InlineData(40_000, 1, 6)]
    [InlineData(-1, -1, 6)]
    [InlineData(0, 5, 6)]
    [InlineData(5, 5, 9)]
    public void A_header_that_promises_too_much_or_nonsense_is_refused_before_anything_is_unpacked(int width, int height, byte color)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();

        Should.Throw<InvalidDataException>(() => Thumbnails.Reduce(Png(width, height, color, new byte[1000]), "image/png", 64));

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(10_000_000);
    }

    [Fact, NoDatabase]
    public void A_small_picture_that_unpacks_to_gigabytes_is_read_no_further_than_it_says()
    {
        var bomb = Png(10, 10, 6, new byte[200_000_000]);
        var before = GC.GetAllocatedBytesForCurrentThread();

        FileKinds.SizeOf(Thumbnails.Reduce(bomb, "image/png", 64)!).ShouldBe((10, 10));

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(5_000_000);
    }

    [Theory]
    [InlineData("picture.webp", "image/webp")]
    [InlineData("picture.bmp", "image/bmp")]
    public async Task Pictures_of_further_kinds_are_sent_small(string name, string type)
    {
        var content = type == "image/bmp" ? Bmp(600, 300) : Webp(600, 300, lossless: false);
        var sent = await FileServer.UploadAsync(server.Person, name, content);
        sent.Json.GetProperty("type").GetString().ShouldBe(type);

        var small = (await GetAsync(sent.Headers.Location + "/thumbnail?size=64")).Content;

        FileKinds.SizeOf(small).ShouldBe((64, 32));
        small.Length.ShouldBeLessThan(content.Length);
    }

    [Theory, NoDatabase]
    [InlineData(false)]
    [InlineData(true)]
    public void A_webp_keeps_its_colours_and_what_is_seen_through(bool lossless)
    {
        var small = Thumbnails.Reduce(Webp(300, 150, lossless), "image/webp", 64)!;

        FileKinds.SizeOf(small).ShouldBe((64, 32));
        using var read = SKBitmap.Decode(small);
        Near(read.GetPixel(12, 16), new(255, 0, 0, 255));
        read.GetPixel(52, 16).Alpha.ShouldBe((byte)0);
        Thumbnails.Reduce(Webp(30, 10, lossless), "image/webp", 64).ShouldSatisfyAllConditions(kept => FileKinds.SizeOf(kept!).ShouldBe((30, 10)));
    }

    [Fact, NoDatabase]
    public void A_bmp_keeps_its_colours()
    {
        var small = Thumbnails.Reduce(Bmp(300, 150), "image/bmp", 64)!;

        FileKinds.SizeOf(small).ShouldBe((64, 32));
        Pixels(small).Chunk(4).ShouldAllBe(p => p[0] == 10 && p[1] == 200 && p[2] == 30 && p[3] == 255);
    }

    [Fact, NoDatabase]
    public void A_webp_or_bmp_that_is_cut_off_or_damaged_anywhere_ends_in_a_refusal_or_a_picture_and_soon()
    {
        var dice = new Random(13);
        var (made, refused) = (0, 0);
        foreach (var (whole, type) in new[] { (Webp(120, 90, lossless: false), "image/webp"), (Webp(120, 90, lossless: true), "image/webp"), (Bmp(40, 30), "image/bmp") })
        {
            for (var i = 0; i < 300; i++)
            {
                var damaged = (byte[])whole.Clone();
                damaged[dice.Next(damaged.Length)] = (byte)dice.Next(256);
                foreach (var content in new[] { damaged, whole[..dice.Next(whole.Length)] })
                {
                    try
                    {
                        if (Thumbnails.Reduce(content, type, 64) is { } small)
                        {
                            FileKinds.SizeOf(small)!.Value.ShouldSatisfyAllConditions(size => size.Width.ShouldBeInRange(1, 64), size => size.Height.ShouldBeInRange(1, 64));
                            made++;
                        }
                    }
                    catch (InvalidDataException)
                    {
                        refused++;
                    }
                }
            }
        }
        Math.Min(made, refused).ShouldBeGreaterThan(50);
    }

    [Fact, NoDatabase]
    public void A_webp_of_many_pixels_is_shown_as_it_is()
    {
        Thumbnails.Reduce(Webp(5_000, 4_100, lossless: false), "image/webp", 64).ShouldBeNull();
    }

    [Fact, NoDatabase]
    public void What_cannot_be_seen_does_not_colour_what_is_beside_it()
    {
        // Red that is seen beside green that is not.
        byte[] row = [0, .. Enumerable.Range(0, 100).SelectMany(x => x % 2 == 0 ? new byte[] { 255, 0, 0, 255 } : [0, 255, 0, 0])];

        var small = Thumbnails.Reduce(Png(100, 100, 6, [.. Enumerable.Repeat(row, 100).SelectMany(r => r)]), "image/png", 50)!;

        Pixels(small).Chunk(4).ShouldAllBe(p => p[0] == 255 && p[1] == 0 && p[3] >= 127 && p[3] <= 128);
    }

    private async Task<(byte[] Content, string Tag)> GetAsync(string url)
    {
        using var answer = await server.Person.GetAsync(url, TestContext.Current.CancellationToken);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return (await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken), answer.Headers.ETag!.Tag);
    }

    /// <summary>The colours of the two halves, read from the JPEG by making it one line of two pixels.</summary>
    private static (string Left, string Right) Halves(byte[] jpeg, int width, int height)
    {
        var small = Thumbnails.Reduce(jpeg, "image/jpeg", 64)!;
        var reduction = JpegPictures.Read(small, width)!;
        return (Name(width / 4), Name(width * 3 / 4));

        string Name(int x)
        {
            var cell = (height / 2 * width) + x;
            var (blue, red) = (reduction.Average(1, cell), reduction.Average(2, cell));
            return red > 150 && blue < 128 ? "red" : blue > 150 && red < 128 ? "blue" : $"{blue} {red}";
        }
    }

    /// <summary>The left half red, nothing on the right.</summary>
    private static byte[] Webp(int width, int height, bool lossless)
    {
        using var picture = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        using (var canvas = new SKCanvas(picture))
        using (var red = new SKPaint { Color = new(255, 0, 0) })
        {
            canvas.Clear(SKColors.Transparent);
            canvas.DrawRect(0, 0, width / 2, height, red);
        }
        using var pixels = picture.PeekPixels();
        using var webp = pixels.Encode(new SKWebpEncoderOptions(lossless ? SKWebpEncoderCompression.Lossless : SKWebpEncoderCompression.Lossy, 90));
        return webp!.ToArray();
    }

    /// <summary>24 bits a pixel, all of one colour.</summary>
    private static byte[] Bmp(int width, int height)
    {
        var stride = ((width * 3) + 3) / 4 * 4;
        var file = new byte[54 + (stride * height)];
        "BM"u8.CopyTo(file);
        foreach (var (at, value) in new[] { (2, file.Length), (10, 54), (14, 40), (18, width), (22, height), (34, stride * height) })
        {
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), value);
        }
        (file[26], file[28]) = (1, 24);
        for (var i = 0; i < width * height; i++)
        {
            ReadOnlySpan<byte> colour = [30, 200, 10];
            colour.CopyTo(file.AsSpan(54 + (i / width * stride) + (i % width * 3)));
        }
        return file;
    }

    private static void Near(SKColor colour, SKColor wanted) => new[] { colour.Red - wanted.Red, colour.Green - wanted.Green, colour.Blue - wanted.Blue, colour.Alpha - wanted.Alpha }.ShouldAllBe(d => Math.Abs(d) < 12);

    private static byte[] WithOrientation(byte orientation)
    {
        byte[] exif = [.. "Exif\0\0"u8, .. "MM"u8, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0];
        return [.. Jpeg[..2], 0xFF, 0xE1, 0, (byte)(exif.Length + 2), .. exif, .. Jpeg[2..]];
    }

    /// <summary>A GIF of 256 colours, the red one of which gets bluer; packed with codes that begin anew before they grow.</summary>
    private static byte[] Gif(int width, int height, bool interlaced, Func<int, int, byte> colour, int? transparent = null)
    {
        var order = interlaced ? new[] { (0, 8), (4, 8), (2, 4), (1, 2) }.SelectMany(p => Enumerable.Range(0, height).Where(y => y >= p.Item1 && (y - p.Item1) % p.Item2 == 0)) : Enumerable.Range(0, height);
        var codes = order.SelectMany(y => Enumerable.Range(0, width).Select(x => (int)colour(x, y))).Chunk(200).SelectMany(piece => piece.Prepend(256)).Append(257).ToList();
        var packed = new byte[((codes.Count * 9) + 7) / 8];
        for (var bit = 0; bit < codes.Count * 9; bit++)
        {
            packed[bit / 8] |= (byte)((codes[bit / 9] >> (bit % 9) & 1) << (bit % 8));
        }
        byte[] palette = [.. Enumerable.Range(0, 256).SelectMany(i => new byte[] { 255, 0, (byte)i })];
        byte[] control = transparent is { } index ? [0x21, 0xF9, 4, 1, 0, 0, (byte)index, 0] : [];
        return
        [
            .. "GIF89a"u8, (byte)width, (byte)(width >> 8), (byte)height, (byte)(height >> 8), 0xF7, 0, 0, .. palette, .. control,
            0x2C, 0, 0, 0, 0, (byte)width, (byte)(width >> 8), (byte)height, (byte)(height >> 8), (byte)(interlaced ? 0x40 : 0), 8, .. packed.Chunk(255).SelectMany(b => b.Prepend((byte)b.Length)), 0, 0x3B,
        ];
    }

    private static byte[] Png(int width, int height, byte color, byte[] rows, byte depth = 8, byte interlace = 0)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = (depth, color, interlace);
        var packed = new MemoryStream();
        using (var packer = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            packer.Write(rows);
        }
        var palette = new byte[16 * 3];
        Array.Fill(palette, (byte)0xFF);
        return [0x89, .. "PNG\r\n\u001a\n"u8, .. Chunk("IHDR", header), .. Chunk("PLTE", palette), .. Chunk("IDAT", packed.ToArray()), .. Chunk("IEND", [])];

        static byte[] Chunk(string name, byte[] content)
        {
            var length = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, content.Length);
            return [.. length, .. Encoding.ASCII.GetBytes(name), .. content, 0, 0, 0, 0];
        }
    }

    /// <summary>The samples of a PNG that was written here: four bytes a pixel, rows as they are.</summary>
    private static byte[] Pixels(byte[] png)
    {
        var (width, height) = FileKinds.SizeOf(png)!.Value;
        var length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(33));
        using var rows = new ZLibStream(new MemoryStream(png, 41, length), CompressionMode.Decompress);
        var all = new byte[height * ((width * 4) + 1)];
        rows.ReadExactly(all);
        return [.. all.Chunk((width * 4) + 1).SelectMany(r => r[1..])];
    }
}
